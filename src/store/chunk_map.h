// ChunkMap: the trail as ranges of ids with bounds on their values, so that a question
// skips what cannot hold an answer.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "agentaudit/core/event.h"
#include "store/column_blob.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

struct Chunk {
  EventId first_id = 0;
  EventId last_id = 0;
  std::int64_t events = 0;  // rows that are there
  Timestamp min_timestamp;
  Timestamp max_timestamp;
  std::optional<ChunkBounds> bounds{};  // set: it is sealed
  bool has_deletions = false;           // of a sealed one

  [[nodiscard]] bool overlaps(Timestamp since, Timestamp until) const noexcept {
    return min_timestamp <= until && max_timestamp >= since;
  }
  [[nodiscard]] bool within(Timestamp since, Timestamp until) const noexcept {
    return min_timestamp >= since && max_timestamp <= until;
  }
};

struct ChunkMap {
  // In id order: those with a row in `chunks` that have events.
  std::vector<Chunk> chunks;
  // Every id after it is in the tail.
  EventId covered = 0;
};

// Must run inside a transaction; so must the next. Errors: corrupt.
[[nodiscard]] Result<ChunkMap> read_chunk_map(SqliteConnection& connection);
// Adds the chunks from `first` to `last` to a map of those before them.
[[nodiscard]] Result<void> extend_chunk_map(
    SqliteConnection& connection, ChunkMap& map, std::int64_t first,
    std::int64_t last = std::numeric_limits<std::int64_t>::max());
// With the tail as the last chunk, whose bounds are read from its rows (two chunks at most
// when writers do their work).
[[nodiscard]] Result<std::vector<Chunk>> read_chunks_and_tail(SqliteConnection& connection);

}  // namespace agentaudit
