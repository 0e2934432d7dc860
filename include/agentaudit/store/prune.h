// Prune: what is deleted by age, and how it goes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agentaudit/core/timestamp.h"

namespace agentaudit {

struct PruneProgress {
  std::int64_t deleted = 0;  // so far
  std::int64_t scanned = 0;  // ids looked at so far
  std::int64_t total = 0;    // ids to look at
  std::int64_t held = 0;     // old enough to go, but under a hold; so far
};

struct PruneOpts {
  Timestamp cutoff{};                             // every event with a timestamp before it goes
  std::vector<std::string> categories{};          // of these alone; empty: of any
  std::vector<std::string> exclude_categories{};  // but not of these
  std::string principal{};                        // who asked; kept in the `pruned` event
  std::string reason{};                           // why; likewise
  bool keep_pace = true;  // rest after each step as long as the step took, for writers' sake
  // Called after each step, from the caller's thread. Optional.
  std::function<void(const PruneProgress&)> progress{};
};

// What a prune deletes, or would.
struct PruneCounts {
  std::int64_t deleted = 0;
  std::int64_t held = 0;  // old enough to go, but under a hold
};

}  // namespace agentaudit
