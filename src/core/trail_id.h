// What a trail is called: 32 lower-case hex digits.
#pragma once

#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

[[nodiscard]] bool is_trail_id(std::string_view text) noexcept;
// Errors: invalid_argument.
[[nodiscard]] Result<void> check_trail_id(std::string_view text);

}  // namespace agentaudit
