// Pieces of SQL for PostgreSQL, and the events of its answers. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/sql_where.h"

namespace agentaudit::postgres_sql {

// An event's bytes as a literal of text, escaped as postgres_text does.
[[nodiscard]] std::string literal(std::string_view bytes);
[[nodiscard]] std::string bytea(std::string_view bytes);
// '…'::bigint
[[nodiscard]] std::string int64(std::int64_t value);
// What LIKE takes for any text with the piece in it.
[[nodiscard]] std::string like_pattern(std::string_view piece);

inline constexpr SqlDialect dialect = {.text = literal, .number = int64, .always = "TRUE"};

// Rows of COPY's binary form.
void append_row_start(std::string& out, int columns);
void append_number(std::string& out, std::int64_t value);  // a bigint
void append_text(std::string& out, std::string_view bytes);
void append_bytea(std::string& out, std::string_view bytes);

}  // namespace agentaudit::postgres_sql
