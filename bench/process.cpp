#include "process.h"

#include <fstream>

#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measurement.h"

namespace agentaudit::bench {
namespace {

// The system counts what a child shared with its parent before it became itself as the
// child's. So give back what is free, and have the peak start anew from what is left.
void shed_memory() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace

Process::Process(const std::vector<std::string>& command, int input) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  shed_memory();
  started_ = std::chrono::steady_clock::now();
  if (posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
    give_up("cannot start " + command.front());
  }
  posix_spawn_file_actions_destroy(&actions);
}

Exit Process::wait() const {
  rusage usage{};
  int status = 0;
  if (wait4(pid_, &status, 0, &usage) != pid_ || status != 0) give_up("a process failed");
  const std::chrono::duration<double, std::milli> took =
      std::chrono::steady_clock::now() - started_;
  return {.milliseconds = took.count(), .mebibytes = static_cast<double>(usage.ru_maxrss) / 1024};
}

Exit run_process(const std::vector<std::string>& command) {
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return Process(command, nothing.get()).wait();
}

Descriptor::Descriptor(int descriptor) : descriptor_(descriptor) {
  if (descriptor < 0) give_up("cannot open a file");
}

void Descriptor::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written <= 0) give_up("cannot write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace agentaudit::bench
