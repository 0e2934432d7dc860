// Evidence bundles out of a trail. See Store::bundle.
#pragma once

#include <string>

#include "agentaudit/store/proof.h"
#include "store/proof_source.h"

namespace agentaudit {

// Errors: invalid_argument, too_large.
[[nodiscard]] Result<void> check_bundle(const BundleOpts& opts);
[[nodiscard]] Result<std::string> make_bundle(ProofSource source, const BundleOpts& opts);

}  // namespace agentaudit
