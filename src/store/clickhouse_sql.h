// Pieces of SQL for ClickHouse, and rows of its answers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "ledger/hash.h"
#include "store/clickhouse_address.h"
#include "store/clickhouse_cube.h"
#include "store/row_binary.h"
#include "store/sql_where.h"

namespace agentaudit::clickhouse_sql {

// Of a database or cluster: letters, digits and _, not first a digit, at most 64.
[[nodiscard]] bool is_name(std::string_view name) noexcept;

// Any bytes as a literal.
[[nodiscard]] std::string literal(std::string_view bytes);
// "toInt64(VALUE)": any number as 64 bits wide.
[[nodiscard]] std::string int64(std::int64_t value);

inline constexpr SqlDialect dialect = {.text = literal, .number = int64, .always = "1"};

// A view of the answer that the reader reads.
[[nodiscard]] EventView read_event(RowBinaryReader& reader);

// " FROM DATABASE.TABLE WHERE trail = …", of the address's one trail.
[[nodiscard]] std::string from_trail(const ClickhouseAddress& address, std::string_view table);

// What is said where a row of an event is there with two leaves.
[[nodiscard]] std::string forked_text(EventId id);

// FixedString(32).
[[nodiscard]] Hash read_hash(RowBinaryReader& reader);

// How many events there are, and how many of them with each status that is told apart.
inline constexpr std::string_view status_counts =
    "toInt64(count()) AS n, toInt64(countIf(status = 'error')), "
    "toInt64(countIf(status = 'denied')), toInt64(countIf(status = 'pending'))";

// The cells of a ClickhouseCube, grouped by these keys.
inline constexpr std::string_view cell_columns =
    "category, status, agent, source, target, toInt64(count()), min(timestamp), max(timestamp)";
// Hours are counted from 2,562,048 of them before 1970, so that no time has a negative one.
inline constexpr std::string_view cell_keys =
    "intDiv(toUInt64(timestamp) + 9223372800000000000, 3600000000000), "
    "category, status, agent, source, target";
// Adds the cell that comes next.
void read_cell(RowBinaryReader& reader, ClickhouseCube& cube);

// Events of those trails, of all where none is named.
[[nodiscard]] SqlWhere where_trail(std::span<const std::string> trails);

template <typename Opts>
[[nodiscard]] SqlWhere where_of(std::span<const std::string> trails, const Opts& opts) {
  SqlWhere where = where_trail(trails);
  where.filter(opts);
  return where;
}

}  // namespace agentaudit::clickhouse_sql
