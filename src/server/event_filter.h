// EventFilter: whether an event is one that a question asks for, in memory.
#pragma once

#include "agentaudit/core/event.h"
#include "agentaudit/core/query.h"

namespace agentaudit {

// By the filters of the question alone; what concerns pages and order does not matter.
// Immutable.
class EventFilter {
 public:
  explicit EventFilter(ListOpts question);

  [[nodiscard]] bool matches(const EventView& event) const;
  // The same question to a store.
  [[nodiscard]] const ListOpts& question() const noexcept { return question_; }

 private:
  ListOpts question_;  // its search text in lower case, which asks for the same
};

}  // namespace agentaudit
