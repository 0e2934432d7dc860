#include "store/postgres_text.h"

#include <cstdint>

namespace agentaudit::postgres_text {
namespace {

// Of the characters from escape_base on: F4 8F BC 80 to F4 8F BF BF.
constexpr std::string_view escape_start = "\xf4\x8f";
constexpr unsigned char escape_third_least = 0xbc;
constexpr std::size_t escape_bytes = 4;

unsigned char byte_at(std::string_view bytes, std::size_t i) noexcept {
  return static_cast<unsigned char>(bytes[i]);
}

bool continues(std::string_view bytes, std::size_t i, unsigned least = 0x80,
               unsigned most = 0xbf) noexcept {
  return i < bytes.size() && byte_at(bytes, i) >= least && byte_at(bytes, i) <= most;
}

// Bytes of the character that begins there (Unicode 15, table 3-7); 0: none does.
std::size_t character_at(std::string_view bytes, std::size_t i) noexcept {
  const unsigned char first = byte_at(bytes, i);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return continues(bytes, i + 1) ? 2 : 0;
  if (first < 0xf0) {
    const unsigned least = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned most = first == 0xed ? 0x9f : 0xbf;
    return continues(bytes, i + 1, least, most) && continues(bytes, i + 2) ? 3 : 0;
  }
  const unsigned least = first == 0xf0 ? 0x90 : 0x80;
  const unsigned most = first == 0xf4 ? 0x8f : 0xbf;
  return continues(bytes, i + 1, least, most) && continues(bytes, i + 2) && continues(bytes, i + 3)
             ? 4
             : 0;
}

bool is_escape(std::string_view text, std::size_t i) noexcept {
  return text.substr(i, 2) == escape_start && i + escape_bytes <= text.size() &&
         byte_at(text, i + 2) >= escape_third_least;
}

// How many bytes from there on stay as they are; 0: the first one is escaped.
std::size_t kept_at(std::string_view bytes, std::size_t i) noexcept {
  return bytes[i] == '\0' || is_escape(bytes, i) ? 0 : character_at(bytes, i);
}

void append_escape(std::string& out, unsigned char byte) {
  out += escape_start;
  out.push_back(static_cast<char>(escape_third_least + (byte >> 6U)));
  out.push_back(static_cast<char>(0x80U | (byte & 0x3fU)));
}

}  // namespace

bool is_plain(std::string_view bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t kept = kept_at(bytes, i);
    if (kept == 0) return false;
    i += kept;
  }
  return true;
}

bool is_whole(std::string_view bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t character = character_at(bytes, i);
    if (character == 0) return false;
    i += character;
  }
  return true;
}

void append_escaped(std::string& out, std::string_view bytes) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t kept = kept_at(bytes, i);
    if (kept > 0) {
      i += kept;
      continue;
    }
    out += bytes.substr(done, i - done);
    append_escape(out, byte_at(bytes, i));
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
  for (std::size_t at = text.find(escape_start); at != std::string_view::npos;
       at = text.find(escape_start, at)) {
    if (!is_escape(text, at)) {
      ++at;
      continue;
    }
    out += text.substr(done, at - done);
    const unsigned high = byte_at(text, at + 2) - unsigned{escape_third_least};
    out.push_back(static_cast<char>(high << 6U | (byte_at(text, at + 3) & 0x3fU)));
    at += escape_bytes;
    done = at;
  }
  out += text.substr(done);
  return out;
}

}  // namespace agentaudit::postgres_text
