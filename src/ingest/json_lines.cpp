#include "agentaudit/ingest/json_lines.h"

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"

namespace agentaudit {
namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

Error line_too_long(std::int64_t bytes) {
  return {.code = ErrorCode::too_large,
          .message = "a line of " + std::to_string(bytes) + " bytes, more than the limit of " +
                     std::to_string(limits::line_bytes_max) + "; it was skipped"};
}

}  // namespace

void JsonLinesReader::feed(std::string_view bytes) {
  buffer_.erase(0, start_);
  scanned_ -= start_;
  start_ = 0;
  buffer_.append(bytes);
}

void JsonLinesReader::skip_if_too_long() {
  const std::size_t pending_bytes = buffer_.size() - start_;
  if (skipped_bytes_ == 0 && pending_bytes <= limits::line_bytes_max) return;
  skipped_bytes_ += static_cast<std::int64_t>(pending_bytes);
  buffer_.clear();
  start_ = 0;
  scanned_ = 0;
}

std::optional<JsonLine> JsonLinesReader::next() {
  while (true) {
    const std::size_t line_end = buffer_.find('\n', scanned_);
    const bool terminated = line_end != std::string::npos;
    if (!terminated) {
      scanned_ = buffer_.size();
      skip_if_too_long();
      if (!finished_) return std::nullopt;
      finished_ = false;
      if (start_ == buffer_.size() && skipped_bytes_ == 0) return std::nullopt;
    }
    const std::size_t end = terminated ? line_end : buffer_.size();
    const std::string_view line = std::string_view(buffer_).substr(start_, end - start_);
    const std::int64_t line_bytes = skipped_bytes_ + static_cast<std::int64_t>(line.size());

    JsonLine result{.number = number_, .offset_bytes = offset_bytes_, .event = Event{}};
    const bool too_long = line_bytes > static_cast<std::int64_t>(limits::line_bytes_max);
    const bool blank = !too_long && is_blank(line);
    if (too_long) {
      result.event = fail(line_too_long(line_bytes));
    } else if (!blank) {
      result.event = event_from_json(line);
    }

    start_ = terminated ? end + 1 : end;
    scanned_ = start_;
    offset_bytes_ += line_bytes + (terminated ? 1 : 0);
    skipped_bytes_ = 0;
    ++number_;
    if (!blank) return result;
  }
}

}  // namespace agentaudit
