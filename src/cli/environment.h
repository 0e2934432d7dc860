// The process's environment. Only src/cli reads it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

// The variable's value; empty when it is not set.
[[nodiscard]] std::string environment(const char* name);

// $XDG_CONFIG_HOME/agentaudit, else ~/.config/agentaudit; $XDG_DATA_HOME/agentaudit, else
// ~/.local/share/agentaudit. `way_out` says what to give in its place. Errors:
// invalid_argument (no home directory to look in).
[[nodiscard]] Result<std::filesystem::path> config_directory(std::string_view way_out);
[[nodiscard]] Result<std::filesystem::path> data_directory(std::string_view way_out);

}  // namespace agentaudit
