#include "store/postgres_sql.h"

#include "core/hex.h"
#include "store/postgres_text.h"

namespace agentaudit::postgres_sql {
namespace {

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) {
    out.push_back(static_cast<char>(value >> (8U * static_cast<unsigned>(i))));
  }
}

// With standard_conforming_strings, which every connection sets.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

void write_length(std::string& out, std::size_t at) {
  const std::size_t bytes = out.size() - at - 4;
  for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>(bytes >> (24U - 8U * i));
}

}  // namespace

std::string literal(std::string_view bytes) { return quoted(postgres_text::escaped(bytes)); }

std::string bytea(std::string_view bytes) { return "'\\x" + to_hex(bytes) + "'::bytea"; }

std::string int64(std::int64_t value) { return "'" + std::to_string(value) + "'::bigint"; }

std::string like_pattern(std::string_view piece) {
  std::string pattern = "%";
  for (const char c : postgres_text::escaped(piece)) {
    if (c == '%' || c == '_' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  pattern.push_back('%');
  return quoted(pattern);
}

void append_row_start(std::string& out, int columns) {
  append_big_endian(out, static_cast<std::uint64_t>(columns), 2);
}

void append_number(std::string& out, std::int64_t value) {
  append_big_endian(out, 8, 4);
  append_big_endian(out, static_cast<std::uint64_t>(value), 8);
}

void append_text(std::string& out, std::string_view bytes) {
  const std::size_t at = out.size();
  out.append(4, '\0');
  postgres_text::append_escaped(out, bytes);
  write_length(out, at);
}

void append_bytea(std::string& out, std::string_view bytes) {
  append_big_endian(out, bytes.size(), 4);
  out += bytes;
}

}  // namespace agentaudit::postgres_sql
