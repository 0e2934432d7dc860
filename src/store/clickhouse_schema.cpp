#include "store/clickhouse_schema.h"

#include <array>

#include "store/clickhouse_sql.h"

namespace agentaudit::clickhouse_schema {
namespace {

// Of few values, which statistics group by: numbers in the place of texts.
constexpr std::string_view name_type = "LowCardinality(String)";

constexpr std::array<Column, 22> events = {{
    {"trail", "FixedString(32)"}, {"id", "Int64"},          {"recorded_at", "Int64"},
    {"timestamp", "Int64"},       {"category", name_type},  {"action", name_type},
    {"agent", name_type},         {"summary", "String"},    {"detail", "String"},
    {"status", name_type},        {"duration_ms", "Int64"}, {"source", name_type},
    {"conversation", "String"},   {"target", name_type},    {"principal", "String"},
    {"trace_id", "String"},       {"span_id", "String"},    {"parent_span_id", "String"},
    {"leaf", "FixedString(32)"},  {"nonce", "String"},      {"erased_summary", "String"},
    {"erased_detail", "String"},
}};

constexpr std::array<Column, 5> checkpoints = {{
    {"trail", "FixedString(32)"},
    {"size", "Int64"},
    {"root", "FixedString(32)"},
    {"note", "String"},
    {"received_at", "Int64"},
}};

std::string columns_text(std::span<const Column> columns, std::string_view more) {
  std::string text;
  for (const Column& column : columns) {
    if (!text.empty()) text += ",\n";
    text += "  " + std::string(column.name) + ' ' + std::string(column.type);
  }
  return text + std::string(more);
}

struct Table {
  std::string_view name;
  std::span<const Column> columns;
  std::string_view more;   // columns that the server computes
  std::string_view order;  // and how it is partitioned
};

constexpr std::array<Table, 2> tables = {{
    {"events", events, ",\n  day Date MATERIALIZED toDate(intDiv(recorded_at, 86400000000000))",
     "PARTITION BY toYYYYMM(day)\nORDER BY (trail, id, leaf)"},
    {"checkpoints", checkpoints, "", "ORDER BY (trail, size, root)"},
}};

}  // namespace

bool is_type_of(const Column& column, std::string_view type) noexcept {
  return type == column.type || (column.type == name_type && type == "String");
}

std::span<const Column> event_columns() noexcept { return events; }
std::span<const Column> checkpoint_columns() noexcept { return checkpoints; }

Result<std::string> ddl(const Options& options) {
  for (const std::string* name : {&options.database, &options.cluster}) {
    if (name == &options.cluster && name->empty()) continue;
    if (!clickhouse_sql::is_name(*name)) {
      return fail(ErrorCode::invalid_argument,
                  "\"" + *name + "\" is no name; take letters, digits and _");
    }
  }
  const std::string& database = options.database;
  const bool is_cluster = !options.cluster.empty();
  const std::string on_cluster = is_cluster ? " ON CLUSTER " + options.cluster : "";
  // Servers before 19 refuse the type without it; later ones take it and do nothing.
  std::string text = "SET allow_experimental_low_cardinality_type = 1;\n";
  text += "CREATE DATABASE IF NOT EXISTS " + database + on_cluster + ";\n";
  for (const Table& table : tables) {
    const std::string name(table.name);
    std::string engine = "ReplacingMergeTree()";
    if (is_cluster) {
      engine = "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/";
      engine.append(database).append("/").append(name).append("', '{replica}')");
    }
    const auto create = [&](std::string_view suffix, std::string_view more) {
      text.append("CREATE TABLE IF NOT EXISTS ").append(database).append(".").append(name);
      text.append(suffix)
          .append(on_cluster)
          .append(" (\n")
          .append(columns_text(table.columns, more))
          .append("\n) ENGINE = ");
    };
    create(is_cluster ? "_local" : "", table.more);
    text.append(engine).append("\n").append(table.order).append(";\n");
    if (!is_cluster) continue;
    create("", "");  // an old server would send computed columns to the shards, which refuse them
    text.append("Distributed(").append(options.cluster).append(", ").append(database);
    text.append(", ").append(name).append("_local, cityHash64(trail));\n");
  }
  return text;
}

}  // namespace agentaudit::clickhouse_schema
