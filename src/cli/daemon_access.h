// DaemonAccess: --token-file and --cacert, for commands that speak to a daemon with --to.
#pragma once

#include <chrono>
#include <string>

#include "cli/command_line.h"
#include "cli/http_client.h"

namespace agentaudit {

class DaemonAccess {
 public:
  void declare(CommandLine& line);

  // `timeout`: of a request. Errors: io (the file of the token), and those of `environment`.
  [[nodiscard]] Result<DaemonAddress> to(const std::string& url,
                                         std::chrono::milliseconds timeout) const;

 private:
  std::string token_path_;
  std::string certificates_path_;
};

}  // namespace agentaudit
