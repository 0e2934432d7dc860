// Whether a chunk's row, columns and grams agree with its events.
#pragma once

#include <string_view>

#include "store/chunk_builder.h"
#include "store/chunk_map.h"
#include "store/gram_bitmap.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// The events of a chunk, as its columns and grams ought to have them.
class ChunkContents {
 public:
  // The event at a position; those before it that were not added are gone.
  void add(std::size_t position, const ColumnValues& values, std::string_view summary,
           std::string_view detail);
  // There are no more events.
  void fill_up();
  void clear() noexcept;

 private:
  friend class ChunkCheck;

  ChunkBuilder builder_;
  GramBuilder grams_;
};

// Reads every event of the chunk, which need not have a row. Must run inside a
// transaction. Errors: corrupt, naming the chunk and what is wrong.
[[nodiscard]] Result<void> check_chunk(SqliteReader& reader, std::int64_t chunk);
// The same with the events that were read, and not changed since. Uses up `contents`.
[[nodiscard]] Result<void> check_chunk(SqliteReader& reader, std::int64_t chunk,
                                       ChunkContents& contents);

}  // namespace agentaudit
