#include "store/recorded_events.h"

#include <algorithm>

#include "core/bytes.h"

namespace agentaudit {

Result<void> check_recorded_limit(std::int64_t limit) {
  if (limit >= 1 && limit <= recorded_events_max) return {};
  return fail(ErrorCode::invalid_argument, "limit " + std::to_string(limit) +
                                               " is not between 1 and " +
                                               std::to_string(recorded_events_max));
}

Result<void> check_leaves(const std::vector<RecordedEvent>& events, std::uint64_t size,
                          HashReader& leaves) {
  std::vector<Hash> hashes;
  for (std::size_t i = 0; i < events.size();) {
    // As many as follow each other without a hole are read together.
    const EventId first = events[i].event.id;
    std::size_t run = 1;
    while (i + run < events.size() &&
           events[i + run].event.id == first + static_cast<EventId>(run)) {
      ++run;
    }
    const EventId last = first + static_cast<EventId>(run) - 1;
    if (last > static_cast<EventId>(size)) {
      const EventId without = std::max(first, static_cast<EventId>(size) + 1);
      return fail(ErrorCode::not_found, "event " + std::to_string(without) +
                                            " has no leaf yet; `agentaudit seal` gives it one");
    }
    hashes.resize(run);
    if (auto read = leaves.read(0, static_cast<std::uint64_t>(first - 1), hashes); !read) {
      return read;
    }
    for (std::size_t j = 0; j < run; ++j) {
      if (view_of(hashes[j]) == events[i + j].leaf) continue;
      return fail(ErrorCode::corrupt,
                  "event " + std::to_string(events[i + j].event.id) + " is not what was recorded");
    }
    i += run;
  }
  return {};
}

Result<std::string> root_bytes(std::int64_t size, std::uint64_t leaves, HashReader& hashes) {
  if (size < 0 || static_cast<std::uint64_t>(size) > leaves) {
    return fail(ErrorCode::not_found,
                "the tree has " + std::to_string(leaves) + " leaves, not " + std::to_string(size));
  }
  const auto root = root_of(static_cast<std::uint64_t>(size), hashes);
  if (!root) return fail(root.error());
  return std::string(view_of(*root));
}

}  // namespace agentaudit
