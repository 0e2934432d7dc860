// Every event of a trail, for tests that look at each.
#pragma once

#include <utility>
#include <vector>

#include "core/event_pages.h"

namespace agentaudit {

// Those after the event `after`, in commit order. Errors: as EventReader::list.
inline Result<std::vector<Event>> all_events(EventReader& reader, EventId after = 0) {
  std::vector<Event> events;
  EventPages pages(reader, {}, after);
  while (true) {
    auto page = pages.next({});
    if (!page) return fail(page.error());
    if (page->empty()) return events;
    for (Event& event : *page) events.push_back(std::move(event));
  }
}

}  // namespace agentaudit
