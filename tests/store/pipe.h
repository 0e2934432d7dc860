// Pipe: how a test's processes wait for each other.
#pragma once

#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

namespace agentaudit {

// Either side may send; a process must not receive what it sent itself.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }

  void send() const {
    if (::write(ends_[1], "x", 1) != 1) throw std::runtime_error("nothing sent");
  }
  // Waits for one `send`.
  void receive() const {
    char byte = 0;
    if (::read(ends_[0], &byte, 1) != 1) throw std::runtime_error("nothing received");
  }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace agentaudit
