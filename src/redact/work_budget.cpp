#include "redact/work_budget.h"

#include <ctime>

namespace agentaudit {
namespace {

constexpr std::size_t work_between_readings = 32U << 10U;

std::chrono::nanoseconds own_time() noexcept {
  timespec time{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

bool WorkBudget::take_text(std::size_t bytes) noexcept {
  if (bytes > bytes_left_) {
    spent_ = "bytes";
    return false;
  }
  bytes_left_ -= bytes;
  return true;
}

bool WorkBudget::go_on(std::size_t bytes) noexcept {
  work_ += bytes;
  if (work_ < work_between_readings) return true;
  work_ = 0;
  const auto now = own_time();
  if (!start_) start_ = now;
  if (now - *start_ < time_max_) return true;
  spent_ = "time";
  return false;
}

}  // namespace agentaudit
