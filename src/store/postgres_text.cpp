#include "store/postgres_text.h"

#include "core/utf8.h"

namespace agentaudit::postgres_text {
namespace {

// What characters from escape_base on begin with.
constexpr std::string_view escape_start = "\xf4\x8f";

// How many bytes from there on stay as they are; 0: the first one is escaped.
std::size_t kept_at(std::string_view bytes, std::size_t i) noexcept {
  if (bytes[i] > '\0') return 1;  // ASCII, as most are
  if (bytes[i] == '\0') return 0;
  const CodePoint character = decode_utf8(bytes.substr(i));
  return character.value < escape_base ? character.bytes : 0;
}

}  // namespace

void append_escaped(std::string& out, std::string_view bytes) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t kept = kept_at(bytes, i);
    if (kept > 0) {
      i += kept;
      continue;
    }
    out += bytes.substr(done, i - done);
    append_utf8(out, escape_base + static_cast<unsigned char>(bytes[i]));
    done = ++i;
  }
  out += bytes.substr(done);
}

std::string escaped(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  append_escaped(out, bytes);
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (std::size_t at = 0; (at = text.find(escape_start, at)) != std::string_view::npos;) {
    const CodePoint character = decode_utf8(text.substr(at));
    if (character.value < escape_base) {
      ++at;
      continue;
    }
    out += text.substr(done, at - done);
    out.push_back(static_cast<char>(character.value - escape_base));
    at += character.bytes;
    done = at;
  }
  out += text.substr(done);
  return out;
}

}  // namespace agentaudit::postgres_text
