#include "store/batch_check.h"

#include "agentaudit/core/limits.h"

namespace agentaudit {
namespace {

Result<void> check_size(std::size_t events) {
  if (events == 0) return fail(ErrorCode::invalid_argument, "a batch without events");
  if (events <= limits::batch_events_max) return {};
  return fail(ErrorCode::too_large, "a batch of " + std::to_string(events) +
                                        " events, more than the limit of " +
                                        std::to_string(limits::batch_events_max));
}

}  // namespace

Result<void> check_batch(std::span<const EventView> events) {
  if (auto checked = check_size(events.size()); !checked) return checked;
  for (const EventView& event : events) {
    if (auto checked = check_limits(event); !checked) return checked;
  }
  return {};
}

Result<void> check_batch(std::span<const KeyedView> events) {
  if (auto checked = check_size(events.size()); !checked) return checked;
  for (const KeyedView& keyed : events) {
    if (auto checked = check_limits(keyed.event); !checked) return checked;
    if (keyed.origin_key.size() > origin_key_bytes_max) {
      return fail(ErrorCode::invalid_argument,
                  "an origin key of " + std::to_string(keyed.origin_key.size()) +
                      " bytes, more than " + std::to_string(origin_key_bytes_max));
    }
  }
  return {};
}

}  // namespace agentaudit
