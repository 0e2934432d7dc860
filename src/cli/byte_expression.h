// Sizes as people write them.
#pragma once

#include <cstdint>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

// `4096`, `64KiB`, `10MiB`, `1GiB`; `K`, `M` and `G` mean the same as those. Errors:
// invalid_argument.
[[nodiscard]] Result<std::int64_t> parse_bytes(std::string_view text);

}  // namespace agentaudit
