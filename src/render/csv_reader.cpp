#include <charconv>
#include <utility>

#include "agentaudit/core/limits.h"
#include "agentaudit/render/csv.h"
#include "render/csv_columns.h"

namespace agentaudit {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

Result<std::int64_t> parse_integer(std::string_view name, const std::string& text) {
  std::int64_t value = 0;
  if (text.empty()) return value;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) {
    return fail(ErrorCode::parse, "\"" + std::string(name) + "\" must be a number in the range " +
                                      "of int64, not \"" + text.substr(0, 32) + "\"");
  }
  return value;
}

Result<void> read_cell(const CsvColumn& column, std::string& cell, Event& event) {
  switch (column.kind) {
    case CsvColumn::Kind::text:
      if (!cell.empty() && cell.front() == '\'') cell.erase(0, 1);
      event.*column.field->owned = std::move(cell);
      return {};
    case CsvColumn::Kind::timestamp: {
      if (cell.empty()) return {};
      auto timestamp = Timestamp::parse(cell);
      if (!timestamp) {
        return fail(ErrorCode::parse, "\"timestamp\": " + timestamp.error().message);
      }
      event.timestamp = *timestamp;
      return {};
    }
    case CsvColumn::Kind::id:
    case CsvColumn::Kind::duration_ms: break;
  }
  auto number = parse_integer(column.name, cell);
  if (!number) return fail(std::move(number.error()));
  if (column.kind == CsvColumn::Kind::id) {
    event.id = *number;
  } else {
    event.duration = std::chrono::milliseconds(*number);
  }
  return {};
}

Result<Event> event_of(std::vector<std::string>& cells, const std::vector<std::size_t>& columns) {
  if (cells.size() != columns.size()) {
    return fail(ErrorCode::parse, std::to_string(cells.size()) + " cells where the header has " +
                                      std::to_string(columns.size()));
  }
  Event event;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (auto read = read_cell(csv_columns[columns[i]], cells[i], event); !read) {
      return fail(std::move(read.error()));
    }
  }
  if (event.category.empty()) return fail(ErrorCode::parse, "\"category\" is empty");
  return event;
}

}  // namespace

Result<void> CsvReader::read_header() {
  std::string& first = cells_.front();
  if (first.starts_with(byte_order_mark)) first.erase(0, byte_order_mark.size());
  bool has_category = false;
  for (const std::string& name : cells_) {
    const auto* const column = std::find_if(csv_columns.begin(), csv_columns.end(),
                                            [&](const CsvColumn& c) { return c.name == name; });
    if (column == csv_columns.end()) {
      return fail(ErrorCode::parse, "line 1: \"" + name.substr(0, 64) +
                                        "\" is not a column of an event; the first line must "
                                        "name columns such as timestamp,category,action");
    }
    const auto index = static_cast<std::size_t>(column - csv_columns.begin());
    if (std::find(columns_.begin(), columns_.end(), index) != columns_.end()) {
      return fail(ErrorCode::parse, "line 1: column \"" + name + "\" appears twice");
    }
    columns_.push_back(index);
    has_category = has_category || name == "category";
  }
  if (!has_category) return fail(ErrorCode::parse, "line 1: there is no column \"category\"");
  return {};
}

void CsvReader::put(char byte) {
  // What is over the limit is counted, so that it can be refused, but not kept.
  if (++record_bytes_ <= limits::line_bytes_max) {
    cell_ += byte;
  } else {
    too_large_ = true;
  }
}

void CsvReader::end_cell() {
  cells_.push_back(std::exchange(cell_, {}));
  state_ = State::cell_start;
}

void CsvReader::take(char byte) {
  switch (state_) {
    case State::cell_start:
      if (byte == '"') {
        state_ = State::quoted;
        return;
      }
      state_ = State::plain;
      [[fallthrough]];
    case State::plain:
      if (byte == ',') {
        end_cell();
      } else {
        put(byte);
      }
      return;
    case State::quoted:
      if (byte == '"') {
        state_ = State::quote_in_quoted;
      } else {
        put(byte);
      }
      return;
    case State::quote_in_quoted:
      if (byte == '"') {
        put(byte);
        state_ = State::quoted;
      } else if (byte == ',') {
        end_cell();
      } else {
        trouble_ = "text after the closing quote of a cell";
        state_ = State::plain;
      }
      return;
  }
}

Result<void> CsvReader::end_record(const OnEvent& on_event) {
  end_cell();
  auto cells = std::exchange(cells_, {});
  const bool blank = cells.size() == 1 && cells.front().empty() && trouble_.empty();
  const auto trouble = std::exchange(trouble_, {});
  const bool too_large = std::exchange(too_large_, false);
  record_bytes_ = 0;
  if (blank) return {};
  if (columns_.empty()) {
    if (!trouble.empty()) return fail(ErrorCode::parse, "line 1: " + trouble);
    cells_ = std::move(cells);
    auto header = read_header();
    cells_.clear();
    return header;
  }
  if (too_large) {
    on_event(record_line_,
             fail(ErrorCode::too_large, "the record is longer than " +
                                            std::to_string(limits::line_bytes_max) + " bytes"));
  } else if (!trouble.empty()) {
    on_event(record_line_, fail(ErrorCode::parse, trouble));
  } else {
    on_event(record_line_, event_of(cells, columns_));
  }
  return {};
}

Result<void> CsvReader::read(std::string_view bytes, const OnEvent& on_event) {
  for (const char byte : bytes) {
    if (byte == '\n') ++line_;
    if (state_ == State::quoted) {
      take(byte);
      continue;
    }
    // A CR ends the record only together with the LF after it.
    if (carriage_return_ && byte != '\n') take('\r');
    carriage_return_ = byte == '\r';
    if (carriage_return_) continue;
    if (byte != '\n') {
      take(byte);
      continue;
    }
    if (auto ended = end_record(on_event); !ended) return ended;
    record_line_ = line_;
  }
  return {};
}

Result<void> CsvReader::finish(const OnEvent& on_event) {
  if (std::exchange(carriage_return_, false)) take('\r');
  if (state_ == State::quoted) trouble_ = "the quote of a cell is never closed";
  if (state_ != State::cell_start || !cells_.empty()) {
    if (auto ended = end_record(on_event); !ended) return ended;
  }
  if (columns_.empty()) {
    return fail(ErrorCode::parse, "the file is empty; a CSV file starts with a line of names");
  }
  return {};
}

}  // namespace agentaudit
