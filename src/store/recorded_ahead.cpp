#include "store/recorded_ahead.h"

#include <system_error>
#include <utility>

namespace agentaudit {

Result<std::vector<RecordedEvent>> RecordedAhead::next() {
  auto events = ahead_.valid() ? ahead_.get() : store_.recorded(after_, limit_, stop_);
  if (!events || events->empty()) return events;
  after_ = events->back().event.id;
  try {
    ahead_ = std::async(std::launch::async,
                        [this, after = after_] { return store_.recorded(after, limit_, stop_); });
  } catch (const std::system_error&) {
    // No thread is to be had: it takes longer without.
  }
  return events;
}

}  // namespace agentaudit
