// Whether an event is one that a question asks for, in memory.
#pragma once

#include "agentaudit/core/event.h"
#include "agentaudit/core/query.h"

namespace agentaudit {

// By the filters alone; what concerns pages and order does not matter.
[[nodiscard]] bool matches(const ListOpts& filter, const EventView& event);

}  // namespace agentaudit
