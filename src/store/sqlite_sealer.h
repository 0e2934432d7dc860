// SqliteSealer: makes complete chunks into sealed ones.
#pragma once

#include <optional>

#include "store/chunk_builder.h"
#include "store/gram_bitmap.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_names.h"

namespace agentaudit {

// Not thread-safe; belongs to one writing connection, which must outlive it. What
// writes must run inside a transaction.
class SqliteSealer {
 public:
  [[nodiscard]] static Result<SqliteSealer> make(SqliteConnection& connection);

  // Seals a chunk from what its writer kept. `grams` holds summaries and details.
  [[nodiscard]] Result<void> seal(std::int64_t chunk, const BuiltChunk& built, GramBuilder& grams);
  // Seals a chunk, or seals it anew, from its rows. One without rows is forgotten.
  [[nodiscard]] Result<void> seal_from_rows(std::int64_t chunk);
  // Writes the row of a complete chunk that others will seal.
  [[nodiscard]] Result<void> leave_unsealed(std::int64_t chunk);

  // Must be called after a rollback.
  void forget_names() noexcept { names_.forget(); }

  [[nodiscard]] Result<std::optional<std::int64_t>> oldest_unsealed();
  [[nodiscard]] Result<std::int64_t> unsealed_chunks();

 private:
  struct Statements {
    SqliteStatement insert_chunk;
    SqliteStatement insert_unsealed;
    SqliteStatement insert_column;
    SqliteStatement insert_grams;
    SqliteStatement delete_chunk;
    SqliteStatement delete_columns;
    SqliteStatement delete_grams;
    SqliteStatement oldest_unsealed;
    SqliteStatement count_unsealed;
  };

  SqliteSealer(SqliteConnection& connection, Statements statements, NameReader names)
      : connection_(&connection), statements_(std::move(statements)), names_(std::move(names)) {}

  [[nodiscard]] Result<void> forget(std::int64_t chunk);
  [[nodiscard]] Result<void> write_trace_filter(std::int64_t chunk, const BuiltChunk& built);
  [[nodiscard]] Result<void> write_column(std::int64_t key, std::string_view data);

  SqliteConnection* connection_;
  Statements statements_;
  NameReader names_;
};

// Removes the columns and grams of a chunk whose last event goes. Inside a transaction.
[[nodiscard]] Result<void> forget_columns(SqliteConnection& connection, std::int64_t chunk);

}  // namespace agentaudit
