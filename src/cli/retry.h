// Retry: the patience of a recording command with a trail that is busy or full.
#pragma once

#include <chrono>

#include "agentaudit/core/result.h"
#include "cli/command.h"

namespace agentaudit {

// Not thread-safe.
class Retry {
 public:
  // `interrupt` is a descriptor, or -1.
  Retry(Context& context, std::chrono::nanoseconds patience, int interrupt)
      : context_(context), patience_(patience), interrupt_(interrupt) {}

  // After a failed try: rests and answers true if it should be tried again. Says so,
  // once. False: it never can succeed, the patience is at its end, or an interrupt came.
  [[nodiscard]] bool should_try_again(const Error& error);
  // After a try that succeeded.
  void succeeded();

 private:
  Context& context_;
  const std::chrono::nanoseconds patience_;
  const int interrupt_;
  bool waiting_ = false;
  std::chrono::steady_clock::time_point give_up_;
  std::chrono::milliseconds rest_{0};
};

}  // namespace agentaudit
