// Which file has the daemon's tokens: --tokens, else $XDG_CONFIG_HOME/agentaudit/tokens.json,
// else ~/.config/agentaudit/tokens.json.
#pragma once

#include <filesystem>
#include <string>

#include "agentaudit/core/result.h"
#include "cli/command_line.h"

namespace agentaudit {

class TokenOption {
 public:
  void declare(CommandLine& line);

  // Errors: invalid_argument (no home directory to look in).
  [[nodiscard]] Result<std::filesystem::path> path() const;

 private:
  std::string path_;
};

}  // namespace agentaudit
