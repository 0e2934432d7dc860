// Random bytes from the kernel (getrandom(2)).
#pragma once

#include <span>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Fills the span. Errors: io (a kernel without getrandom).
[[nodiscard]] Result<void> random_bytes(std::span<char> out);

}  // namespace agentaudit
