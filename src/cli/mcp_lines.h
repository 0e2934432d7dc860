// McpLines: cuts what one side sends into its lines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agentaudit/core/limits.h"
#include "agentaudit/ingest/mcp.h"

namespace agentaudit {

// Not thread-safe. Keeps at most one line that is not complete, of limits::line_bytes_max.
class McpLines {
 public:
  struct Handler {
    // A whole line without its end.
    std::function<void(std::string_view line, const McpMoment& at)> line;
    // A line that is too long, or lines that went by unseen.
    std::function<void(const McpGap& gap)> gap;
  };

  explicit McpLines(Handler handler) : handler_(std::move(handler)) {}

  // What comes next, and when.
  void feed(std::string_view bytes, const McpMoment& at);
  // Bytes went by that feed was not given: of the line that they end in, what comes yet is
  // passed over.
  void skip(const McpGap& gap, bool ends_with_a_line);
  // Nothing more comes: what is there is the last line.
  void finish(const McpMoment& at);

 private:
  void append(std::string_view bytes, const McpMoment& at);
  void end_line(const McpMoment& at);

  Handler handler_;
  std::string line_;
  std::uint64_t line_bytes_ = 0;  // its length, kept or not
  Timestamp line_began_;
  bool spoiled_ = false;  // its start, or its middle, is not there
};

}  // namespace agentaudit
