#include "store/clickhouse_sql.h"

#include <algorithm>

namespace agentaudit::clickhouse_sql {

bool is_name(std::string_view name) noexcept {
  constexpr std::size_t bytes_max = 64;
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && name.size() <= bytes_max && is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool is_trail_id(std::string_view text) noexcept {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string literal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "'";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte >= 127 || c == '\'' || c == '\\') {
      out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
    } else {
      out.push_back(c);
    }
  }
  out.push_back('\'');
  return out;
}

std::string list(std::span<const std::string> values) {
  std::string out = "(";
  for (const std::string& value : values) {
    if (out.size() > 1) out += ", ";
    out += literal(value);
  }
  return out + ")";
}

void Where::add(std::string condition) {
  if (text_ == "1") {
    text_ = std::move(condition);
  } else {
    text_ += " AND " + condition;
  }
}

void Where::among(std::string_view column, std::span<const std::string> values) {
  if (!values.empty()) add(std::string(column) + " IN " + list(values));
}

void Where::not_among(std::string_view column, std::span<const std::string> values) {
  if (!values.empty()) add(std::string(column) + " NOT IN " + list(values));
}

void Where::equals(std::string_view column, std::string_view value) {
  if (!value.empty()) add(std::string(column) + " = " + literal(value));
}

void Where::within(std::optional<Timestamp> since, std::optional<Timestamp> until) {
  if (since) add("timestamp >= toInt64(" + std::to_string(since->ns()) + ")");
  if (until) add("timestamp <= toInt64(" + std::to_string(until->ns()) + ")");
}

EventView read_event(RowBinaryReader& reader) {
  EventView event;
  event.id = reader.number();
  event.timestamp = Timestamp::from_ns(reader.number());
  event.category = reader.text();
  event.action = reader.text();
  event.agent = reader.text();
  event.summary = reader.text();
  event.detail = reader.text();
  event.status = reader.text();
  event.duration = std::chrono::milliseconds(reader.number());
  event.source = reader.text();
  event.conversation_id = reader.text();
  event.target = reader.text();
  event.principal = reader.text();
  event.trace_id = reader.text();
  event.span_id = reader.text();
  event.parent_span_id = reader.text();
  return event;
}

}  // namespace agentaudit::clickhouse_sql
