// The event that tells of events that are missing.
#pragma once

#include <string_view>

#include "agentaudit/core/event.h"
#include "emit/arena_ring.h"

namespace agentaudit {

// `audit`/`gap`, status error, with count, first and last time, and reason in detail.
[[nodiscard]] Event gap_event(LossReason reason, const Losses& losses, std::string_view source);

}  // namespace agentaudit
