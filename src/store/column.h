// The columns that a sealed chunk keeps beside its rows. docs/sqlite_schema.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "store/sqlite_schema.h"

namespace agentaudit {

// Frozen: they are in the file.
enum class Column : std::uint8_t {
  timestamp = 1,
  duration_ms = 2,
  category = 3,
  action = 4,
  agent = 5,
  status = 6,
  source = 7,
  target = 8,
  principal = 9,
  conversation = 10,
  trace = 11,
};

inline constexpr std::array number_columns = {Column::timestamp, Column::duration_ms};
// Those whose values repeat: each has a dictionary and codes.
inline constexpr std::array coded_columns = {
    Column::category, Column::action,    Column::agent,        Column::status, Column::source,
    Column::target,   Column::principal, Column::conversation, Column::trace};
inline constexpr std::size_t column_count = number_columns.size() + coded_columns.size();

inline constexpr std::size_t chunk_positions = sqlite_schema::chunk_events;

// Of a column among all, and of a coded one among the coded.
[[nodiscard]] constexpr std::size_t index_of(Column column) {
  return static_cast<std::size_t>(column) - 1;
}
[[nodiscard]] constexpr std::size_t coded_index_of(Column column) {
  return index_of(column) - number_columns.size();
}

// The column that holds the names of a kind; both are in the file's order.
[[nodiscard]] constexpr Column column_of(sqlite_schema::NameKind kind) {
  return static_cast<Column>(static_cast<std::uint8_t>(kind) + number_columns.size());
}

// The keys of `columns`.
[[nodiscard]] constexpr std::int64_t data_key(Column column, std::int64_t chunk) {
  return static_cast<std::int64_t>(column) << 40 | chunk;
}
[[nodiscard]] constexpr std::int64_t dictionary_key(Column column, std::int64_t chunk) {
  return (static_cast<std::int64_t>(column) + 32) << 40 | chunk;
}

// A slice of the filter of the traces' values (value_filter.h).
[[nodiscard]] constexpr std::int64_t trace_filter_key(std::size_t slice, std::int64_t chunk) {
  return (static_cast<std::int64_t>(slice) + 64) << 40 | chunk;
}

}  // namespace agentaudit
