// SqliteChunks: the chunks of a trail and its tail, as one read transaction has them, kept
// for the questions after it.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "store/chunk_map.h"
#include "store/sqlite_columns.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

// Not thread-safe. What is asked of it is valid until the next refresh or read_tail.
class SqliteChunks {
 public:
  // Makes it that of the connection's transaction. Where nothing was written meanwhile all
  // is kept, the tail too; where nothing was but events, only those are read. True: chunks
  // were read anew. Errors: corrupt.
  [[nodiscard]] Result<bool> refresh(SqliteConnection& connection);
  // Adds what has no row in `chunks`, as far as its ids are greater than `after`. True:
  // something was added.
  [[nodiscard]] Result<bool> read_tail(SqliteConnection& connection, EventId after);

  // In id order, the tail last; those without events are left out.
  [[nodiscard]] const std::vector<Chunk>& chunks() const noexcept { return map_.chunks; }
  // The columns of a chunk of the tail; nullptr: it is none.
  [[nodiscard]] const BuiltChunk* in_tail(const Chunk& chunk) const;

 private:
  struct Part {
    ChunkBuilder builder;
    BuiltChunk built;
    EventId last_id = 0;
  };
  // Different where anything was written since.
  struct Version {
    std::int64_t by_others = 0;
    std::int64_t by_this = 0;

    friend bool operator==(const Version&, const Version&) = default;
  };

  [[nodiscard]] static Result<Version> version_of(SqliteConnection& connection);
  // Leaves the first `kept` chunks as they are.
  [[nodiscard]] Result<void> read_map(SqliteConnection& connection, std::size_t kept);
  // From `first_id`, or from where the last part ends, to `last_id`, all of one chunk.
  [[nodiscard]] Result<void> read_part(SqliteConnection& connection, EventId first_id,
                                       EventId last_id);
  void drop_tail();

  std::optional<Version> version_;
  std::int64_t rewrites_ = 0;
  ChunkMap map_;                  // its chunks with those of the tail
  std::size_t mapped_ = 0;        // how many are not of the tail
  std::map<EventId, Part> tail_;  // by first id
  EventId tail_end_ = 0;          // the last id that was looked at for it
  bool tail_is_whole_ = false;    // it begins where the map ends
  bool tail_is_read_ = false;     // as the version has it
};

}  // namespace agentaudit
