#include "store/shipped_again.h"

#include <algorithm>
#include <string>

namespace agentaudit {
namespace {

Result<void> check_same(Store& store, std::string_view trail_id, const RecordedEvent& comes,
                        EventId id) {
  const auto found = store.recorded(id - 1, 1, {});
  if (!found) return fail(found.error());
  if (found->empty() || found->front().event.id != id) return {};  // pruned since
  const RecordedEvent& there = found->front();
  Event same = comes.event;
  same.id = id;
  // A store fills them in.
  if (!same.timestamp.is_set()) same.timestamp = there.event.timestamp;
  if (same.status.empty()) same.status = there.event.status;
  if (!comes.erased_summary.empty() || !there.erased_summary.empty()) {
    same.summary = there.event.summary;
  }
  if (!comes.erased_detail.empty() || !there.erased_detail.empty()) {
    same.detail = there.event.detail;
  }
  if (same == there.event) return {};
  return fail(ErrorCode::corrupt, "event " + std::to_string(comes.event.id) + " of trail " +
                                      std::string(trail_id) + " arrived before as another, event " +
                                      std::to_string(id) + " there: the trail was forked");
}

}  // namespace

Result<void> check_shipped_again(Store& store, std::string_view trail_id,
                                 std::span<const RecordedEvent> events,
                                 const InsertedNew& inserted) {
  // What is new got the ids after all others.
  const EventId last_before =
      *std::max_element(inserted.ids.begin(), inserted.ids.end()) - inserted.stored;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (inserted.stored > 0 && inserted.ids[i] > last_before) continue;
    if (auto same = check_same(store, trail_id, events[i], inserted.ids[i]); !same) return same;
  }
  return {};
}

}  // namespace agentaudit
