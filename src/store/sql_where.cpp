#include "store/sql_where.h"

namespace agentaudit {

void SqlWhere::add(const std::string& condition) {
  if (text_ == dialect_->always) {
    text_ = condition;
  } else {
    text_ += " AND " + condition;
  }
}

void SqlWhere::among(std::string_view column, std::span<const std::string> values) {
  if (!values.empty()) add(std::string(column) + " IN " + list(values));
}

void SqlWhere::not_among(std::string_view column, std::span<const std::string> values) {
  if (!values.empty()) add(std::string(column) + " NOT IN " + list(values));
}

void SqlWhere::equals(std::string_view column, std::string_view value) {
  if (!value.empty()) add(std::string(column) + " = " + dialect_->text(value));
}

void SqlWhere::within(std::optional<Timestamp> since, std::optional<Timestamp> until) {
  if (since) add_time("timestamp >= " + dialect_->number(since->ns()));
  if (until) add_time("timestamp <= " + dialect_->number(until->ns()));
}

void SqlWhere::add_time(const std::string& condition) {
  add(condition);
  time_ += (time_.empty() ? "" : " AND ") + condition;
}

std::string SqlWhere::list(std::span<const std::string> values) const {
  std::string out = "(";
  for (const std::string& value : values) {
    if (out.size() > 1) out += ", ";
    out += dialect_->text(value);
  }
  return out + ')';
}

}  // namespace agentaudit
