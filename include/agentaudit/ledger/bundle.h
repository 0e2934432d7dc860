// Evidence bundles: events with what proves them, in one JSON file that needs nothing else
// to be checked. docs/ledger.md is the format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "agentaudit/core/verification.h"

namespace agentaudit {

// More make a bundle longer than limits::line_bytes_max, which readers refuse.
inline constexpr std::size_t bundle_events_max = 5'000;

// Whether the events of a bundle are leaves of the tree of its checkpoint, and the
// checkpoint is signed by one of the keys (`NAME+ID+BASE64`; none: signatures are not looked
// at). Completeness is not asked: a bundle is a part. `query` and `created` are the sender's
// word. Errors: parse, too_large (no bundle), invalid_argument (a key).
[[nodiscard]] Result<Verification> verify_bundle(std::string_view json,
                                                 const std::vector<std::string>& keys);

}  // namespace agentaudit
