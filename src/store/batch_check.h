// What every store checks of a batch before it stores any of it. Pure.
#pragma once

#include <span>

#include "agentaudit/core/keyed_event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

// Errors: invalid_argument (no events, a key that is too long), too_large (the batch, or an
// event).
[[nodiscard]] Result<void> check_batch(std::span<const EventView> events);
[[nodiscard]] Result<void> check_batch(std::span<const KeyedView> events);

}  // namespace agentaudit
