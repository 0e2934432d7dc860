// Any bytes as lines, of a file that waits and of an MCP server: they are the same lines in
// whichever pieces they come, and none is lost. The first byte is the size of the pieces.
#include <string>
#include <utility>
#include <vector>

#include "cli/mcp_lines.h"
#include "cli/spool_file.h"
#include "fuzz_file.h"

namespace agentaudit {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

void check_mcp_lines(std::string_view text, std::size_t piece_bytes) {
  Lines lines;
  McpLines reader(
      {.line = [&](std::string_view line, const McpMoment&) { lines.emplace_back(line); },
       .gap = [](const McpGap&) { check(false, "no line is too long"); }});
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    reader.feed(text.substr(at, piece_bytes), {});
  }
  reader.finish({});
  check(lines == lines_of(text), "every line comes once, as it is");
}

void check_spool_lines(const ScratchDirectory& directory, std::string_view text,
                       std::size_t line_bytes_max) {
  const auto path = put(directory, "waiting", text);
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  SpoolLines reader(file, path, line_bytes_max);
  std::int64_t end = 0;
  Lines lines;
  while (true) {
    auto line = reader.next();
    check(line.has_value(), "the file can be read");
    if (!line->has_value()) break;
    const auto& found = **line;
    check(found.first_bytes >= end && found.end_bytes > found.first_bytes, "lines are in order");
    check(text.substr(static_cast<std::size_t>(found.first_bytes), found.text.size()) == found.text,
          "a line is where it says");
    end = found.end_bytes;
    if (found.is_whole) lines.push_back(found.text);
  }
  Lines whole = lines_of(text.substr(0, text.rfind('\n') + 1));
  std::erase(whole, "");
  if (text.size() <= line_bytes_max) check(lines == whole, "every line comes once, as it is");
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;  // NOLINT(google-build-using-namespace)
  static const ScratchDirectory directory;
  if (size == 0) return 0;
  const std::string_view text = text_of(data + 1, size - 1);
  check_mcp_lines(text, static_cast<std::size_t>(*data) + 1);
  check_spool_lines(directory, text, *data);
  check_spool_lines(directory, text, 1U << 20U);
  return 0;
}
