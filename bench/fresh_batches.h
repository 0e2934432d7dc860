// Events as a store gets them: made a moment before.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "agentaudit/core/event.h"

namespace agentaudit::bench {

// Copies one batch after the other to fresh memory and adds up what seconds_of_batch(batch)
// gives. All the events at once do not fit the processor's caches, and a benchmark that
// walks through them measures the memory.
template <typename SecondsOfBatch>
[[nodiscard]] double seconds_of_fresh_batches(std::span<const Event> events,
                                              std::size_t batch_events,
                                              const SecondsOfBatch& seconds_of_batch) {
  double seconds = 0;
  while (!events.empty()) {
    const auto some = events.first(std::min(batch_events, events.size()));
    const std::vector<Event> batch(some.begin(), some.end());
    seconds += seconds_of_batch(std::span<const Event>(batch));
    events = events.subspan(some.size());
  }
  return seconds;
}

}  // namespace agentaudit::bench
