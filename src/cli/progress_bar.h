// ProgressBar: one line on standard error that shows how far a long command is. Only on
// a terminal; anywhere else it writes nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/output.h"

namespace agentaudit {

// Not thread-safe. Clears its line when it is destroyed.
class ProgressBar {
 public:
  ProgressBar(Talk& talk, std::string label);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Draws at most ten times a second. A total of 0: how many there are is not known.
  void update(std::int64_t done, std::int64_t total);
  [[nodiscard]] bool is_shown() const noexcept { return shown_; }

 private:
  Talk& talk_;
  const std::string label_;
  const bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_draw_;
};

}  // namespace agentaudit
