// Ids of events as people type them.
#pragma once

#include <string_view>

#include "agentaudit/core/event.h"

namespace agentaudit {

// A whole number from 1 on. Errors: invalid_argument.
[[nodiscard]] Result<EventId> parse_event_id(std::string_view text);

}  // namespace agentaudit
