#include "cli/anchor_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace agentaudit {
namespace {

constexpr std::string_view signature_mark = "\xe2\x80\x94 ";  // an em dash
constexpr std::uintmax_t file_bytes_max = 16U << 20U;

}  // namespace

std::string anchored_text(std::string_view note) { return std::string(note) + '\n'; }

// A note ends with the last of its lines of signatures.
std::vector<std::string> split_notes(std::string_view text) {
  std::vector<std::string> notes;
  std::string note;
  bool in_signatures = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const bool is_signature = line.starts_with(signature_mark);
    if (in_signatures && !is_signature) {
      notes.push_back(std::move(note));
      note.clear();
      in_signatures = false;
    }
    if (note.empty() && line == "\n") continue;
    in_signatures = in_signatures || is_signature;
    note += line;
  }
  if (!note.empty()) notes.push_back(std::move(note));
  return notes;
}

Result<std::vector<std::string>> read_notes(const std::filesystem::path& path) {
  std::error_code failed;
  const std::uintmax_t bytes = std::filesystem::file_size(path, failed);
  if (failed) {
    return fail(ErrorCode::not_found, "cannot read " + path.native() + ": " + failed.message());
  }
  if (bytes > file_bytes_max) {
    return fail(ErrorCode::too_large, path.native() + " has more than 16 MiB of checkpoints");
  }
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return split_notes(content.str());
}

}  // namespace agentaudit
