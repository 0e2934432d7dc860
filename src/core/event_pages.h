// EventPages: all events that match a filter, page after page in commit order, in
// little memory.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "agentaudit/core/event_reader.h"
#include "agentaudit/core/query.h"

namespace agentaudit {

// Borrows the reader. Not thread-safe.
class EventPages {
 public:
  // Starts after the event `after`, 0 for the first. Order, cursor, limit, offset and
  // total of `filter` are ignored.
  EventPages(EventReader& reader, ListOpts filter, EventId after = 0);

  // The next events; none: that was all, for now. Each page is as large as about
  // 4 MiB of events like those of the page before it. Errors: as EventReader::list.
  [[nodiscard]] Result<std::vector<Event>> next(std::stop_token stop);
  // Of the last page: as ListResult::trails.
  [[nodiscard]] const std::vector<std::string>& trails() const noexcept { return trails_; }

 private:
  EventReader& reader_;
  ListOpts question_;
  std::vector<std::string> trails_;
};

}  // namespace agentaudit
