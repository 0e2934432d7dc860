#include "ledger/note.h"

#include <algorithm>

#include "core/utf8.h"
#include "ledger/base64.h"

namespace agentaudit {
namespace {

constexpr std::string_view line_start = "\u2014 ";  // an em dash
constexpr std::size_t id_bytes = sizeof(std::uint32_t);

Result<void> check_bytes(std::string_view bytes, ErrorCode code) {
  if (bytes.size() > note_bytes_max) {
    return fail(ErrorCode::too_large, "a note of " + std::to_string(bytes.size()) +
                                          " bytes is longer than " +
                                          std::to_string(note_bytes_max));
  }
  const auto control = std::find_if(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n';
  });
  if (control != bytes.end()) {
    return fail(code, "the note has a control character at byte " +
                          std::to_string(control - bytes.begin()));
  }
  if (!is_utf8(bytes)) return fail(code, "the note is not UTF-8");
  return {};
}

Result<void> check_count(std::size_t signatures) {
  if (signatures <= note_signatures_max) return {};
  return fail(ErrorCode::too_large,
              "the note has more than " + std::to_string(note_signatures_max) + " signatures");
}

// Of the line without its newline.
Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(line_start)) {
    return fail(ErrorCode::parse, "does not begin with an em dash and a space");
  }
  line.remove_prefix(line_start.size());
  const std::size_t name_end = line.find(' ');
  const std::string_view name = line.substr(0, name_end);
  if (!is_key_name(name)) return fail(ErrorCode::parse, "has no name of a key");
  if (name_end == std::string_view::npos) {
    return fail(ErrorCode::parse, "has no signature after the key's name");
  }
  const auto bytes = from_base64(line.substr(name_end + 1));
  if (!bytes) return fail(ErrorCode::parse, "has no base64 after the key's name");
  if (bytes->size() <= id_bytes) {
    return fail(ErrorCode::parse, "has no signature after the key's id");
  }
  NoteSignature signature;
  signature.key.name = name;
  signature.signature = bytes->substr(id_bytes);
  for (std::size_t i = 0; i < id_bytes; ++i) {
    signature.key.id = signature.key.id << 8U | static_cast<unsigned char>((*bytes)[i]);
  }
  return signature;
}

void append_signature(std::string& out, const NoteSignature& signature) {
  std::string bytes;
  for (std::size_t i = id_bytes; i > 0; --i) {
    bytes += static_cast<char>(signature.key.id >> (8 * (i - 1)) & 0xFFU);
  }
  bytes += signature.signature;
  out += line_start;
  out += signature.key.name;
  out += ' ';
  out += to_base64(bytes);
  out += '\n';
}

}  // namespace

Result<Note> parse_note(std::string_view bytes) {
  if (auto checked = check_bytes(bytes, ErrorCode::parse); !checked) {
    return fail(std::move(checked.error()));
  }
  const std::size_t text_end = bytes.rfind("\n\n");
  if (text_end == std::string_view::npos) {
    return fail(ErrorCode::parse, "the note has no empty line between its text and signatures");
  }
  Note note{.text = std::string(bytes.substr(0, text_end + 1)), .signatures = {}};
  std::string_view lines = bytes.substr(text_end + 2);
  if (lines.empty()) return fail(ErrorCode::parse, "the note has no signature");
  if (lines.back() != '\n') {
    return fail(ErrorCode::parse, "the note does not end with a newline");
  }
  while (!lines.empty()) {
    if (auto counted = check_count(note.signatures.size() + 1); !counted) {
      return fail(std::move(counted.error()));
    }
    const std::size_t end = lines.find('\n');
    auto signature = parse_signature(lines.substr(0, end));
    if (!signature) {
      return fail(signature.error().code, "line " + std::to_string(note.signatures.size() + 1) +
                                              " of the note's signatures " +
                                              signature.error().message);
    }
    note.signatures.push_back(std::move(*signature));
    lines.remove_prefix(end + 1);
  }
  return note;
}

Result<std::string> format_note(const Note& note) {
  if (!note.text.ends_with('\n')) {
    return fail(ErrorCode::invalid_argument, "the text of the note does not end with a newline");
  }
  if (note.signatures.empty()) {
    return fail(ErrorCode::invalid_argument, "the note has no signature");
  }
  if (auto counted = check_count(note.signatures.size()); !counted) {
    return fail(std::move(counted.error()));
  }
  std::string bytes = note.text + '\n';
  for (const NoteSignature& signature : note.signatures) {
    if (!is_key_name(signature.key.name)) {
      return fail(ErrorCode::invalid_argument, "a signature of the note has no name of a key");
    }
    if (signature.signature.empty()) {
      return fail(ErrorCode::invalid_argument,
                  "the signature of " + to_string(signature.key) + " has no bytes");
    }
    append_signature(bytes, signature);
  }
  if (auto checked = check_bytes(bytes, ErrorCode::invalid_argument); !checked) {
    return fail(std::move(checked.error()));
  }
  return bytes;
}

}  // namespace agentaudit
