// The tables of a fleet in ClickHouse. docs/clickhouse.md explains them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit::clickhouse_schema {

struct Options {
  std::string database = "agentaudit";
  std::string cluster{};  // empty: one node
};

// The statements, each ended by a semicolon and a new line. Errors: invalid_argument (a name).
[[nodiscard]] Result<std::string> ddl(const Options& options);

struct Column {
  std::string_view name;
  std::string_view type;
};
// Whether a server's column of that type will do: tables that were made before names were
// LowCardinality have texts there.
[[nodiscard]] bool is_type_of(const Column& column, std::string_view type) noexcept;
[[nodiscard]] std::span<const Column> event_columns() noexcept;
[[nodiscard]] std::span<const Column> checkpoint_columns() noexcept;

}  // namespace agentaudit::clickhouse_schema
