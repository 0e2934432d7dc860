// JsonLinesReader: events from JSON Lines (https://jsonlines.org), in pieces as they
// come.
//
//   agentaudit::JsonLinesReader reader;
//   while (read_some(bytes)) {
//     reader.feed(bytes);
//     while (auto line = reader.next()) take(*line);
//   }
//   reader.finish();
//   while (auto line = reader.next()) take(*line);
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

struct JsonLine {
  std::int64_t number = 0;        // of the line, from 1; blank lines count
  std::int64_t offset_bytes = 0;  // where it starts, from 0
  // As event_from_json says; too_large for a line over limits::line_bytes_max.
  Result<Event> event;
};

// Not thread-safe. A bad line is one error and never disturbs the next. Lines end
// with LF or CR LF; blank ones are skipped. How the bytes are cut into pieces makes no
// difference. Keeps at most limits::line_bytes_max and the last piece in memory,
// provided that next is called until it has nothing before more is fed.
class JsonLinesReader {
 public:
  // Takes a copy of the next bytes of the stream.
  void feed(std::string_view bytes);

  // Says that what was fed ends here: a last line without a line end counts as whole.
  // Anything fed later starts a new line.
  void finish() noexcept { finished_ = true; }

  // The next whole line that is not blank; nothing: feed more.
  [[nodiscard]] std::optional<JsonLine> next();

 private:
  // A line of more than limits::line_bytes_max is not kept, only counted.
  void skip_if_too_long();

  std::string buffer_;
  std::size_t start_ = 0;    // of the current line in buffer_
  std::size_t scanned_ = 0;  // up to here buffer_ holds no end of the current line
  std::int64_t number_ = 1;
  std::int64_t offset_bytes_ = 0;   // of the current line in the stream
  std::int64_t skipped_bytes_ = 0;  // of the current line, no longer in buffer_
  bool finished_ = false;
};

}  // namespace agentaudit
