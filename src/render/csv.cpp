#include "agentaudit/render/csv.h"

#include "render/csv_columns.h"

namespace agentaudit {
namespace {

void append_text_cell(std::string& out, std::string_view text) {
  const bool marked = needs_formula_mark(text);
  const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) out += '"';
  if (marked) out += '\'';
  if (!quoted) {
    out += text;
    return;
  }
  for (const char byte : text) {
    if (byte == '"') out += '"';
    out += byte;
  }
  out += '"';
}

}  // namespace

void append_csv_header(std::string& out) {
  for (const CsvColumn& column : csv_columns) {
    if (&column != &csv_columns.front()) out += ',';
    out += column.name;
  }
  out += "\r\n";
}

void append_csv(std::string& out, const EventView& event) {
  for (const CsvColumn& column : csv_columns) {
    if (&column != &csv_columns.front()) out += ',';
    switch (column.kind) {
      case CsvColumn::Kind::id: out += std::to_string(event.id); break;
      case CsvColumn::Kind::timestamp: event.timestamp.append_to(out); break;
      case CsvColumn::Kind::duration_ms: out += std::to_string(event.duration.count()); break;
      case CsvColumn::Kind::text: append_text_cell(out, event.*column.field->view); break;
    }
  }
  out += "\r\n";
}

}  // namespace agentaudit
