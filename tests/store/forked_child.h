// ForkedChild: another process that runs one function. Make it before any thread.
#pragma once

#include <cerrno>
#include <csignal>
#include <functional>
#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

namespace agentaudit {

class ForkedChild {
 public:
  // The child ends with what `work` returns, without running this process's handlers.
  explicit ForkedChild(const std::function<int()>& work) : pid_(fork()) {
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) _exit(work());
  }
  ForkedChild(const ForkedChild&) = delete;
  ForkedChild& operator=(const ForkedChild&) = delete;
  ForkedChild(ForkedChild&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
  ForkedChild& operator=(ForkedChild&&) = delete;
  ~ForkedChild() {
    if (pid_ <= 0) return;
    kill(SIGKILL);
    (void)wait();
  }

  void kill(int signal) const { ::kill(pid_, signal); }

  // Returns once it stands still, until SIGCONT.
  void stop() const {
    kill(SIGSTOP);
    int status = 0;
    while (waitpid(pid_, &status, WUNTRACED) < 0 && errno == EINTR) {
    }
  }

  // Its exit status; minus the signal when one ended it.
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

}  // namespace agentaudit
