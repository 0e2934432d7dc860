#include "store/clickhouse_sql.h"

#include <algorithm>

#include "store/sql_columns.h"

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

std::string int64(std::int64_t value) { return "toInt64(" + std::to_string(value) + ")"; }

EventView read_event(RowBinaryReader& reader) { return sql_columns::read_event<EventView>(reader); }

std::string from_trail(const ClickhouseAddress& address, std::string_view table) {
  return " FROM " + address.database + '.' + std::string(table) +
         " WHERE trail = " + literal(address.trails.front());
}

std::string forked_text(EventId id) {
  return "event " + std::to_string(id) + " is there in two versions: the trail was forked";
}

Hash read_hash(RowBinaryReader& reader) {
  Hash hash{};
  std::ranges::copy(reader.fixed(hash.size()), hash.begin());
  return hash;
}

void read_cell(RowBinaryReader& reader, ClickhouseCube& cube) {
  ClickhouseCube::Names names;
  for (std::string_view& name : names) name = reader.text();
  ClickhouseCube::Cell cell;
  cell.events = reader.number();
  cell.first_ns = reader.number();
  cell.last_ns = reader.number();
  if (reader.ok()) cube.add(names, cell);
}

SqlWhere where_trail(std::span<const std::string> trails) {
  SqlWhere where(dialect);
  where.among("trail", trails);
  return where;
}

}  // namespace agentaudit::clickhouse_sql
