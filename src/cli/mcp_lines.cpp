#include "cli/mcp_lines.h"

namespace agentaudit {

void McpLines::feed(std::string_view bytes, const McpMoment& at) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    append(bytes.substr(0, end), at);
    if (end == std::string_view::npos) return;
    end_line(at);
    bytes.remove_prefix(end + 1);
  }
}

void McpLines::skip(const McpGap& gap, bool ends_with_a_line) {
  line_.clear();
  line_bytes_ = 0;
  spoiled_ = !ends_with_a_line;
  handler_.gap(gap);
}

void McpLines::finish(const McpMoment& at) {
  if (line_bytes_ > 0) end_line(at);
}

void McpLines::append(std::string_view bytes, const McpMoment& at) {
  if (line_bytes_ == 0) line_began_ = at.time;
  line_bytes_ += bytes.size();
  if (spoiled_) return;
  if (line_bytes_ <= limits::line_bytes_max) {
    line_ += bytes;
  } else {
    line_ = std::string();
  }
}

void McpLines::end_line(const McpMoment& at) {
  if (!spoiled_ && line_bytes_ <= limits::line_bytes_max) {
    handler_.line(line_, at);
  } else if (!spoiled_) {
    handler_.gap(
        {.bytes = line_bytes_, .reason = "line_too_large", .first = line_began_, .last = at.time});
  }
  // One huge line must not keep its memory for good.
  constexpr std::size_t kept_bytes_max = 1U << 20U;
  if (line_.capacity() > kept_bytes_max) line_ = std::string();
  line_.clear();
  line_bytes_ = 0;
  spoiled_ = false;
}

}  // namespace agentaudit
