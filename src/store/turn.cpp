#include "store/turn.h"

namespace agentaudit {

void Turn::lock() {
  std::unique_lock guard(mutex_);
  given_back_.wait(guard, [this] { return !taken_; });
  taken_ = true;
}

void Turn::unlock() {
  {
    const std::lock_guard guard(mutex_);
    taken_ = false;
  }
  given_back_.notify_one();
}

bool Turn::lock_before(const std::stop_token& stop,
                       std::optional<std::chrono::steady_clock::time_point> deadline) {
  std::unique_lock guard(mutex_);
  const auto free = [this] { return !taken_; };
  const bool came = deadline ? given_back_.wait_until(guard, stop, *deadline, free)
                             : given_back_.wait(guard, stop, free);
  if (came) {
    taken_ = true;
    return true;
  }
  // The notice may have been for this thread.
  guard.unlock();
  given_back_.notify_one();
  return false;
}

}  // namespace agentaudit
