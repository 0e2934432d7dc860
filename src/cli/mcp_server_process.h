// The MCP server as a child process, with pipes to its standard input and output. Its
// standard error is ours.
#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "agentaudit/core/result.h"
#include "core/file_descriptor.h"

namespace agentaudit {

// Not thread-safe. Does not end the process.
class McpServerProcess {
 public:
  // Starts the command, found as a shell would, with that signal mask. Errors: not_found,
  // permission (it is no program), io.
  [[nodiscard]] static Result<McpServerProcess> start(const std::vector<std::string>& command,
                                                      const sigset_t& mask);

  // Our ends of the pipes, which do not block.
  [[nodiscard]] FileDescriptor take_input() { return std::move(input_); }
  [[nodiscard]] FileDescriptor take_output() { return std::move(output_); }

  // Once it has ended: its status as waitpid has it. Does not wait.
  [[nodiscard]] std::optional<int> wait_status();
  // Once it has ended there is nobody to take it.
  void send(int signal) const;

 private:
  McpServerProcess(pid_t pid, FileDescriptor input, FileDescriptor output)
      : pid_(pid), input_(std::move(input)), output_(std::move(output)) {}

  pid_t pid_;
  std::optional<int> status_;
  FileDescriptor input_;
  FileDescriptor output_;
};

}  // namespace agentaudit
