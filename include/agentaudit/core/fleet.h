// The trails of a fleet, which one store holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/timestamp.h"

namespace agentaudit {

struct FleetTrail {
  std::string trail_id;
  std::int64_t events = 0;
  EventId last_id = 0;
  Timestamp first{};  // least and greatest timestamp of its events
  Timestamp last{};
  Timestamp last_recorded{};         // when it recorded the last event that arrived
  std::int64_t missing = 0;          // ids from 1 to last_id that never arrived
  std::int64_t checkpoint_size = 0;  // of its greatest checkpoint; 0: none
  std::string checkpoint;            // that signed note
  bool forked = false;               // an id, or a size of its tree, that is there in two versions
  bool silent = false;               // recorded nothing for as long as was asked
};

// The worst that is to be said of it: forked, gaps, silent or ok. Static storage.
[[nodiscard]] constexpr std::string_view state_of(const FleetTrail& trail) noexcept {
  if (trail.forked) return "forked";
  if (trail.missing > 0) return "gaps";
  return trail.silent ? "silent" : "ok";
}

}  // namespace agentaudit
