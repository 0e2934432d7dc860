// Where the command itself lies.
#pragma once

#include <filesystem>

#include "agentaudit/core/result.h"

namespace agentaudit {

// The absolute path of the running program. Errors: io (it was removed or replaced since).
[[nodiscard]] Result<std::filesystem::path> own_path();

}  // namespace agentaudit
