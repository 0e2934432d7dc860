// The columns of the CSV form: those of the event's JSON, in its order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "core/event_fields.h"

namespace agentaudit {

// A column holds a string field, or one of the three other fields.
struct CsvColumn {
  enum class Kind { id, timestamp, duration_ms, text };

  Kind kind = Kind::text;
  std::string_view name;
  const StringField* field = nullptr;  // of Kind::text
};

inline constexpr std::array<CsvColumn, string_fields.size() + 3> csv_columns = [] {
  std::array<CsvColumn, string_fields.size() + 3> columns{};
  std::size_t next = 0;
  columns[next++] = {CsvColumn::Kind::id, "id", nullptr};
  columns[next++] = {CsvColumn::Kind::timestamp, "timestamp", nullptr};
  for (const StringField& field : string_fields) {
    columns[next++] = {CsvColumn::Kind::text, field.name, &field};
    if (field.name == "status") {
      columns[next++] = {CsvColumn::Kind::duration_ms, "duration_ms", nullptr};
    }
  }
  return columns;
}();

// Whether a spreadsheet would take a cell that starts so for a formula, or the reader
// would take its first character for the mark of one.
constexpr bool needs_formula_mark(std::string_view text) noexcept {
  constexpr std::string_view starts = "=+-@\t\r\n'";
  return !text.empty() && starts.find(text.front()) != std::string_view::npos;
}

}  // namespace agentaudit
