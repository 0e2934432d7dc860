// errno in this project's words.
#pragma once

#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

// An error about `subject`, a path.
[[nodiscard]] Error system_error(int error_number, std::string_view subject);

}  // namespace agentaudit
