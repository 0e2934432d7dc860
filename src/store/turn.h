// Turn: a mutex that one need not wait for to the end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

namespace agentaudit {

// Taken by one thread at a time. Works with std::lock_guard.
class Turn {
 public:
  void lock();
  void unlock();
  // False: stop was requested or the deadline came first, and it was not taken.
  [[nodiscard]] bool lock_before(const std::stop_token& stop,
                                 std::optional<std::chrono::steady_clock::time_point> deadline);

 private:
  std::mutex mutex_;
  std::condition_variable_any given_back_;
  bool taken_ = false;
};

}  // namespace agentaudit
