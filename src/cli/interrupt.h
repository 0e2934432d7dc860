// Interrupt: SIGINT and SIGTERM as a stop token and as a descriptor to poll.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

#include "core/file_descriptor.h"

namespace agentaudit {

// While one lives, the first SIGINT or SIGTERM asks to stop; a second one ends the
// process at once with 130. Make at most one, before any other thread: threads
// inherit the blocked signals.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  [[nodiscard]] bool requested() const { return stop_.stop_requested(); }
  // Becomes readable, for good, when a signal has come; -1: could not be had.
  [[nodiscard]] int descriptor() const noexcept { return requested_.get(); }

 private:
  void wait_for_signals();

  sigset_t old_mask_{};
  FileDescriptor signals_;
  FileDescriptor requested_;  // eventfd
  FileDescriptor end_;        // eventfd: the object is being destroyed
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace agentaudit
