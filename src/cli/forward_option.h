// ForwardOption: --to URL and what belongs to it, for commands that record.
#pragma once

#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/daemon_access.h"
#include "cli/forwarder.h"
#include "cli/store_option.h"

namespace agentaudit {

class ForwardOption {
 public:
  void declare(CommandLine& line);

  [[nodiscard]] bool is_set() const noexcept { return !url_.empty(); }

  // What has to wait is kept beside the trail of `store`. `timeout`: of a request;
  // `catch_up_max`: as ForwarderOptions has it. Errors: invalid_argument, unsupported, io (the
  // file of the token).
  [[nodiscard]] Result<std::shared_ptr<Forwarder>> open(
      const StoreOption& store, std::chrono::milliseconds timeout,
      std::chrono::milliseconds catch_up_max,
      std::function<void(const std::string&)> complain) const;

 private:
  std::string url_;
  DaemonAccess access_;
};

}  // namespace agentaudit
