// NewRows: rows in memory as a table that SQLite reads while it inserts them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "agentaudit/core/event.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_row.h"

namespace agentaudit {

// A row of `events` before it is there. Its texts are the event's.
struct NewRow {
  const EventView* event = nullptr;
  EventId id = 0;
  std::int64_t timestamp_ns = 0;
  std::int64_t recorded_at_ns = 0;
  StoredTraceId trace_id{};
  StoredSpanId span_id{};
  StoredSpanId parent_span_id{};
  std::string_view nonce{};
  std::string_view origin_key{};                                 // empty: none
  std::array<std::uint32_t, sqlite_schema::name_kinds> names{};  // in the order of name_columns
};

// One statement inserts many rows: SQLite asks a virtual table for them
// (https://www.sqlite.org/vtab.html), which costs less than to bind and step for each.
// Not thread-safe; belongs to one connection, which has one of it, outlives it and must
// not read `new_rows` after it is gone.
class NewRows {
 public:
  [[nodiscard]] static Result<NewRows> make(SqliteConnection& connection);

  // Inside of a transaction only, which is to be rolled back after an error.
  [[nodiscard]] Result<void> insert(std::span<const NewRow> rows);

 private:
  NewRows() = default;

  // On the heap: SQLite points to it.
  std::unique_ptr<std::span<const NewRow>> rows_ = std::make_unique<std::span<const NewRow>>();
  SqliteStatement insert_;
};

}  // namespace agentaudit
