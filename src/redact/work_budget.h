// WorkBudget: how much of one event's text may be looked at, and for how long.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace agentaudit {

// The clock is that of the calling thread's own work: what else the machine does is not
// counted. It is read only after work worth a clock's call, and the time starts with the
// first reading: a short text is always read to its end. For one thread.
class WorkBudget {
 public:
  WorkBudget(std::size_t bytes_max, std::chrono::microseconds time_max)
      : bytes_left_(bytes_max), time_max_(time_max) {}

  // Whether a text of so many bytes may be looked at.
  [[nodiscard]] bool take_text(std::size_t bytes) noexcept;
  // Whether there is time left, after work on about so many bytes.
  [[nodiscard]] bool go_on(std::size_t bytes) noexcept;

  // Spends all that is left; false.
  [[nodiscard]] bool give_up() noexcept {
    spent_ = "time";
    return false;
  }

  // Which of them was spent last: `bytes` or `time`.
  [[nodiscard]] std::string_view spent() const noexcept { return spent_; }

 private:
  std::size_t bytes_left_;
  std::chrono::microseconds time_max_;
  std::size_t work_ = 0;  // since the clock was read
  std::optional<std::chrono::nanoseconds> start_;
  std::string_view spent_;
};

}  // namespace agentaudit
