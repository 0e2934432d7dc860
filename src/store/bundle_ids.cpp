#include "store/bundle_ids.h"

#include <string>
#include <utility>

#include "agentaudit/ledger/bundle.h"
#include "core/event_pages.h"

namespace agentaudit {

Result<std::vector<EventId>> bundle_ids(EventReader& reader, ListOpts filter,
                                        const std::stop_token& stop) {
  std::vector<EventId> ids;
  EventPages pages(reader, std::move(filter));
  while (true) {
    const auto events = pages.next(stop);
    if (!events) return fail(events.error());
    if (events->empty()) return ids;
    for (const Event& event : *events) ids.push_back(event.id);
    if (ids.size() > bundle_events_max) {
      return fail(ErrorCode::invalid_argument,
                  "more than " + std::to_string(bundle_events_max) +
                      " events match, which is all that one bundle takes; narrow it by time, "
                      "agent or conversation");
    }
  }
}

}  // namespace agentaudit
