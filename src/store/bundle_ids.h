// The events that a bundle of a question holds.
#pragma once

#include <stop_token>
#include <vector>

#include "agentaudit/core/event_reader.h"
#include "agentaudit/core/query.h"

namespace agentaudit {

// All that match, in commit order. Errors besides those of EventReader::list: invalid_argument
// (more than bundle_events_max).
[[nodiscard]] Result<std::vector<EventId>> bundle_ids(EventReader& reader, ListOpts filter,
                                                      const std::stop_token& stop);

}  // namespace agentaudit
