#include "cli/mcp_server_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>

namespace agentaudit {
namespace {

struct Pipe {
  FileDescriptor reading;
  FileDescriptor writing;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::io, std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  return Pipe{.reading = FileDescriptor(ends[0]), .writing = FileDescriptor(ends[1])};
}

// The pipe's two ends have flags of their own: the server's blocks as it always would.
void stop_blocking(const FileDescriptor& descriptor) {
  const int flags = ::fcntl(descriptor.get(), F_GETFL);
  (void)::fcntl(descriptor.get(), F_SETFL, flags | O_NONBLOCK);
}

ErrorCode code_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return ErrorCode::not_found;
  return error == EACCES || error == ENOEXEC ? ErrorCode::permission : ErrorCode::io;
}

}  // namespace

Result<McpServerProcess> McpServerProcess::start(const std::vector<std::string>& command,
                                                 const sigset_t& mask) {
  auto input = make_pipe();
  if (!input) return fail(input.error());
  auto output = make_pipe();
  if (!output) return fail(output.error());

  std::vector<std::string> words = command;
  std::vector<char*> pointers;
  std::transform(words.begin(), words.end(), std::back_inserter(pointers),
                 [](std::string& word) { return word.data(); });
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input->reading.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output->writing.get(), STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // We ignore it; the server is to have it as it would have without us.
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, pointers.front(), &actions, &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return fail(code_of(error), "cannot run " + command.front() + ": " + std::strerror(error));
  }
  stop_blocking(input->writing);
  stop_blocking(output->reading);
  return McpServerProcess(pid, std::move(input->writing), std::move(output->reading));
}

std::optional<int> McpServerProcess::wait_status() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

void McpServerProcess::send(int signal) const {
  if (!status_) (void)::kill(pid_, signal);
}

}  // namespace agentaudit
