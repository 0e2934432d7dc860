#include "ingest/one_line.h"

#include <array>

#include "core/utf8.h"

namespace agentaudit {
namespace {

constexpr std::string_view ellipsis = "…";

// Most telling first.
constexpr std::array<std::string_view, 17> telling_members = {
    "command", "cmd",   "file_path", "filePath", "notebook_path", "path",
    "url",     "query", "pattern",   "skill",    "description",   "prompt",
    "message", "title", "script",    "task_id",  "name"};

}  // namespace

std::string one_line(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view white_space = " \t\r\n\v\f";
  std::string out;
  while (!text.empty()) {
    const std::size_t space = text.find_first_of(white_space);
    const std::string_view word = text.substr(0, space);
    if (!word.empty()) {
      if (!out.empty()) out += ' ';
      // Much more than fits need not be copied; the cut below makes it exact.
      out += word.substr(0, bytes_max + 1);
    }
    if (out.size() > bytes_max) break;
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  if (out.size() <= bytes_max) return out;
  out.resize(utf8_prefix(out, bytes_max - ellipsis.size()).size());
  out += ellipsis;
  return out;
}

std::string telling_part(const JsonValue& arguments) {
  for (const std::string_view name : telling_members) {
    const std::string_view text = arguments.string_at(name);
    if (!text.empty()) return std::string(text);
  }
  return arguments.members.empty() ? std::string() : std::string(arguments.raw);
}

}  // namespace agentaudit
