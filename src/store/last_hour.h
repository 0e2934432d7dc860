// Which events Stats::events_last_hour counts.
#pragma once

#include <chrono>

#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// The first nanosecond of the hour that ends with `now`.
[[nodiscard]] inline Timestamp last_hour(Timestamp now) {
  return now.minus(std::chrono::hours(1) - std::chrono::nanoseconds(1));
}

}  // namespace agentaudit
