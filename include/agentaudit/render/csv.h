// Events as CSV (RFC 4180) and back, exact for any bytes.
//
// A text cell that a spreadsheet would run as a formula, because it starts with one of
// `= + - @ '`, a tab, a carriage return or a line feed, is written with an apostrophe
// before it, which the reader takes off again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

// Appends the names of the columns, those of the event's JSON, as one record.
void append_csv_header(std::string& out);
// Appends the event as one record.
void append_csv(std::string& out, const EventView& event);

// Reads what append_csv wrote, or another CSV file whose first record names columns of
// the event, in any order; `category` must be among them. Line ends may be CR LF or LF,
// a byte order mark is skipped. Not thread-safe.
class CsvReader {
 public:
  // Hears of each record after the header: the line that it starts on, from 1, and
  // the event or why there is none (parse, too_large: limits::line_bytes_max).
  using OnEvent = std::function<void(std::int64_t line, Result<Event> event)>;

  // Reads the next bytes of the file; records may be split anywhere. Errors: parse
  // (the header is not one). After an error the reader is of no more use.
  [[nodiscard]] Result<void> read(std::string_view bytes, const OnEvent& on_event);
  // Says that the file ends here. Errors: as read, and parse for an empty file.
  [[nodiscard]] Result<void> finish(const OnEvent& on_event);

 private:
  enum class State : std::uint8_t { cell_start, plain, quoted, quote_in_quoted };

  void take(char byte);
  void put(char byte);
  void end_cell();
  [[nodiscard]] Result<void> end_record(const OnEvent& on_event);
  [[nodiscard]] Result<void> read_header();

  State state_ = State::cell_start;
  bool carriage_return_ = false;  // a CR outside quotes, which may belong to the line end
  std::string cell_;
  std::vector<std::string> cells_;
  std::size_t record_bytes_ = 0;
  std::string trouble_;  // what is wrong with the current record
  bool too_large_ = false;
  std::int64_t line_ = 1;
  std::int64_t record_line_ = 1;
  std::vector<std::size_t> columns_;  // for each cell its column; empty: no header yet
};

}  // namespace agentaudit
