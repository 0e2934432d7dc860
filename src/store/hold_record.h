// What every store that keeps legal holds checks, and the `audit` events that say so. Pure, but
// for the clock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "agentaudit/store/hold.h"

namespace agentaudit {

// The first of the holds that the event is under; nullptr: none.
[[nodiscard]] const Hold* hold_of(const std::vector<Hold>& holds, const EventView& event);

// That a hold is added. Errors: invalid_argument (no condition, no reason, an end before its
// start).
[[nodiscard]] Result<Event> hold_added_record(const Hold& hold, std::string_view trail_id);

// What is asked of Store::release_hold.
struct HoldRelease {
  std::int64_t id = 0;
  std::string principal{};
  std::string reason{};
};
// That one of the holds is released. Errors: not_found, invalid_argument (no reason).
[[nodiscard]] Result<Event> hold_released_record(const std::vector<Hold>& holds,
                                                 const HoldRelease& release,
                                                 std::string_view trail_id);

}  // namespace agentaudit
