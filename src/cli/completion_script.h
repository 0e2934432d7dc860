// Shell completions, made from the command table.
#pragma once

#include <string>

namespace agentaudit {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

}  // namespace agentaudit
