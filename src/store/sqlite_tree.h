// The ledger's tree as it lies in a SQLite trail: the table `tree`, whose rows hold the
// hashes of a level, hashes_per_row to a row. docs/sqlite_schema.md is the format.
#pragma once

#include <cstdint>
#include <span>

#include "ledger/merkle_tree.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_schema.h"

namespace agentaudit::sqlite_tree {

// As many as fit a page; 32 rows of level 0 are one chunk.
inline constexpr std::uint64_t hashes_per_row = 504;
// Enough for more leaves than there are ids.
inline constexpr int levels = 8;

[[nodiscard]] constexpr std::int64_t key_of(int level, std::uint64_t row) {
  return std::int64_t{level} << 40 | static_cast<std::int64_t>(row);
}

// The row of level 0 that a chunk's leaves begin in.
[[nodiscard]] constexpr std::int64_t first_row_of_chunk(std::int64_t chunk) {
  return chunk * (sqlite_schema::chunk_events / static_cast<std::int64_t>(hashes_per_row));
}
static_assert(sqlite_schema::chunk_events % hashes_per_row == 0);
static_assert(sqlite_schema::chunk_events % tile_width == 0);

// How many leaves the tree has. Errors: corrupt.
[[nodiscard]] Result<std::uint64_t> size(SqliteConnection& connection);

// Reads hashes. Not thread-safe; belongs to one connection, which must outlive it.
class Hashes {
 public:
  [[nodiscard]] static Result<Hashes> make(SqliteConnection& connection);

  // The hashes of a level from `first` on. Returns how many there are until the first one
  // that is missing, `out.size()` at most.
  [[nodiscard]] Result<std::size_t> read(int level, std::uint64_t first, std::span<Hash> out);

 private:
  explicit Hashes(SqliteStatement select) : select_(std::move(select)) {}

  SqliteStatement select_;
};

// Notes that the events up to that id were stored without leaves. Inside of a transaction.
[[nodiscard]] Result<void> note_backlog(SqliteConnection& connection, std::int64_t last_id);

}  // namespace agentaudit::sqlite_tree
