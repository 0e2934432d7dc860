// Deleting old events from a SQLite trail in short steps.
#pragma once

#include <functional>
#include <stop_token>

#include "agentaudit/store/store.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_upkeep.h"

namespace agentaudit {

// What one prune needs of the store around it.
struct PruneAccess {
  ExclusiveStep exclusive;
  HashStep hash;
  // Appends an event to the trail.
  std::function<Result<EventId>(const EventView&)> append;
};

// See Store::prune_before. Takes the access for one step at a time and rests between.
[[nodiscard]] Result<std::int64_t> sqlite_prune(const PruneAccess& access, const PruneOpts& opts,
                                                std::stop_token stop);

}  // namespace agentaudit
