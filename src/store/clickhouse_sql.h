// Pieces of SQL for ClickHouse, and rows of its answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
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

}  // namespace agentaudit::clickhouse_sql
