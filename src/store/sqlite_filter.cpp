#include "store/sqlite_filter.h"

#include <algorithm>

#include "store/sqlite_row.h"

namespace agentaudit {
namespace {

std::string_view column_of(sqlite_schema::NameKind kind) {
  const auto* const column =
      std::find_if(name_columns.begin(), name_columns.end(),
                   [&](const NameColumn& candidate) { return candidate.kind == kind; });
  return column->column;
}

}  // namespace

void SqliteFilter::names(sqlite_schema::NameKind kind, const std::vector<std::string>& names) {
  if (names.empty()) return;
  add(std::string(column_of(kind)) + " IN (" + name_set(kind, names) + ")");
}

void SqliteFilter::without_names(sqlite_schema::NameKind kind,
                                 const std::vector<std::string>& names) {
  if (names.empty()) return;
  add(std::string(column_of(kind)) + " NOT IN (" + name_set(kind, names) + ")");
}

void SqliteFilter::name(sqlite_schema::NameKind kind, const std::string& name) {
  if (!name.empty()) names(kind, {name});
}

void SqliteFilter::since(const std::optional<Timestamp>& since) {
  if (since) compare("timestamp >=", since->ns());
}

void SqliteFilter::until(const std::optional<Timestamp>& until) {
  if (until) compare("timestamp <=", until->ns());
}

void SqliteFilter::compare(std::string_view column_and_operator, std::int64_t value) {
  add(std::string(column_and_operator) + " " + parameter(value));
}

void SqliteFilter::bind(SqliteStatement& statement) const {
  for (const Parameter& parameter : parameters_) {
    if (const auto* const integer = std::get_if<std::int64_t>(&parameter.value)) {
      statement.bind(parameter.index, *integer);
    } else {
      statement.bind_text(parameter.index, std::get<std::string>(parameter.value));
    }
  }
}

void SqliteFilter::add(std::string_view sql) {
  if (sql_ == "1") {
    sql_ = "(";
  } else {
    sql_ += " AND (";
  }
  sql_.append(sql);
  sql_ += ')';
}

std::string SqliteFilter::parameter(std::variant<std::int64_t, std::string> value) {
  parameters_.push_back({.index = next_parameter_, .value = std::move(value)});
  return "?" + std::to_string(next_parameter_++);
}

// A list or subquery of the names' ids. It is not correlated with the row, so SQLite
// evaluates it once.
std::string SqliteFilter::name_set(sqlite_schema::NameKind kind,
                                   const std::vector<std::string>& names) {
  std::string set = "SELECT id FROM names WHERE kind = " + std::to_string(static_cast<int>(kind)) +
                    " AND name IN (";
  bool has_empty = false;
  for (const std::string& name : names) {
    has_empty = has_empty || name.empty();
    if (set.back() != '(') set += ", ";
    set += parameter(name);
  }
  set += ')';
  // The empty name is 0 and has no row.
  if (has_empty) set += " UNION ALL SELECT 0";
  return set;
}

}  // namespace agentaudit
