// A question's filters as a SQL condition over one row of `events`.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "agentaudit/core/query.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_schema.h"

namespace agentaudit {

// Conditions joined by AND, with named parameters bound by position after those that
// the statement around it uses itself.
class SqliteFilter {
 public:
  // `first_parameter`: the number of the first `?N` that the condition may use.
  explicit SqliteFilter(int first_parameter) : next_parameter_(first_parameter) {}

  void names(sqlite_schema::NameKind kind, const std::vector<std::string>& names);
  // None of them; an empty list: no filter.
  void without_names(sqlite_schema::NameKind kind, const std::vector<std::string>& names);
  void name(sqlite_schema::NameKind kind, const std::string& name);  // empty: no filter
  void since(const std::optional<Timestamp>& since);
  void until(const std::optional<Timestamp>& until);
  // `column OP ?` with an integer.
  void compare(std::string_view column_and_operator, std::int64_t value);

  // "(…) AND (…)", or "1" when nothing filters.
  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
  // Binds the parameters. The filter must outlive the statement's use.
  void bind(SqliteStatement& statement) const;

 private:
  struct Parameter {
    int index;
    std::variant<std::int64_t, std::string> value;
  };

  void add(std::string_view sql);
  std::string parameter(std::variant<std::int64_t, std::string> value);
  std::string name_set(sqlite_schema::NameKind kind, const std::vector<std::string>& names);

  std::string sql_ = "1";
  std::vector<Parameter> parameters_;
  int next_parameter_;
};

}  // namespace agentaudit
