// Legal holds: which events must stay as they are, neither pruned nor redacted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// What to hold: the events that meet every condition that is set, those to come too.
struct HoldOpts {
  std::string agent{};               // empty: any
  std::string conversation_id{};     // empty: any
  std::optional<Timestamp> since{};  // inclusive
  std::optional<Timestamp> until{};  // inclusive
  std::string reason{};              // why
  std::string principal{};           // who asked
};

// One that was not released.
struct Hold {
  std::int64_t id = 0;  // never given twice
  HoldOpts opts;
  Timestamp created;
};

}  // namespace agentaudit
