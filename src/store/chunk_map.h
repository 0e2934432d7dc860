// ChunkMap: the trail as ranges of ids with bounds on their timestamps, so that a
// question skips what cannot hold an answer.
#pragma once

#include <cstdint>
#include <vector>

#include "agentaudit/core/event.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

struct Chunk {
  EventId first_id = 0;
  EventId last_id = 0;
  std::int64_t events = 0;  // rows that are there
  Timestamp min_timestamp;
  Timestamp max_timestamp;

  [[nodiscard]] bool overlaps(Timestamp since, Timestamp until) const noexcept {
    return min_timestamp <= until && max_timestamp >= since;
  }
  [[nodiscard]] bool within(Timestamp since, Timestamp until) const noexcept {
    return min_timestamp >= since && max_timestamp <= until;
  }
};

// Reads the chunks in id order: those with a row in `chunks`, and the tail after
// them, whose bounds are read from its rows (two chunks at most when writers do their
// work). Chunks without events are left out. Must run inside a transaction.
[[nodiscard]] Result<std::vector<Chunk>> read_chunk_map(SqliteConnection& connection);

}  // namespace agentaudit
