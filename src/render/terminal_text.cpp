#include "render/terminal_text.h"

#include <algorithm>
#include <cstdint>

#include <utf8proc.h>

#include "core/utf8.h"

namespace agentaudit {
namespace {

// Enough for the longest escape, `\U0010ffff`.
constexpr std::size_t escape_bytes_max = 10;

// One character of the text as it will be shown.
struct Glyph {
  std::size_t bytes = 0;    // of the text
  std::size_t columns = 0;  // on the terminal
  bool escaped = false;
  std::uint32_t value = 0;  // code point, or byte where it is not valid UTF-8
  bool is_byte = false;
};

std::size_t escape_columns(const Glyph& glyph) {
  if (glyph.is_byte) return 4;
  switch (glyph.value) {
    case '\n':
    case '\r':
    case '\t': return 2;
    default: break;
  }
  if (glyph.value < 0x100) return 4;
  return glyph.value < 0x10000 ? 6 : escape_bytes_max;
}

std::size_t printed_columns(std::uint32_t code_point) {
  if (code_point < 0x80) return 1;
  const auto point = static_cast<utf8proc_int32_t>(code_point);
  // A character younger than the tables is taken to fill a column, not none.
  if (utf8proc_category(point) == UTF8PROC_CATEGORY_CN) return 1;
  return static_cast<std::size_t>(std::max(utf8proc_charwidth(point), 0));
}

Glyph first_glyph(std::string_view text) {
  const CodePoint code_point = decode_utf8(text);
  Glyph glyph;
  if (code_point.bytes == 0) {
    glyph = {.bytes = 1,
             .columns = 0,
             .escaped = true,
             .value = static_cast<std::uint8_t>(text.front()),
             .is_byte = true};
  } else {
    glyph = {.bytes = code_point.bytes,
             .columns = 0,
             .escaped = is_unprintable(code_point.value),
             .value = code_point.value,
             .is_byte = false};
  }
  glyph.columns = glyph.escaped ? escape_columns(glyph) : printed_columns(glyph.value);
  return glyph;
}

void append_hex_digits(std::string& out, std::uint32_t value, int digits) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += hex[(value >> shift) & 0x0FU];
}

void append_escape(std::string& out, const Glyph& glyph) {
  out += '\\';
  if (!glyph.is_byte) {
    switch (glyph.value) {
      case '\n': out += 'n'; return;
      case '\r': out += 'r'; return;
      case '\t': out += 't'; return;
      default: break;
    }
  }
  if (glyph.value < 0x100) {
    out += 'x';
    append_hex_digits(out, glyph.value, 2);
  } else if (glyph.value < 0x10000) {
    out += 'u';
    append_hex_digits(out, glyph.value, 4);
  } else {
    out += 'U';
    append_hex_digits(out, glyph.value, 8);
  }
}

void append_glyph(std::string& out, std::string_view text, const Glyph& glyph) {
  if (glyph.escaped) {
    append_escape(out, glyph);
  } else {
    out += text.substr(0, glyph.bytes);
  }
}

}  // namespace

void append_terminal_text(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    append_glyph(out, text, glyph);
    text.remove_prefix(glyph.bytes);
  }
}

std::string terminal_text(std::string_view text) {
  std::string out;
  append_terminal_text(out, text);
  return out;
}

std::size_t terminal_columns(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    columns += glyph.columns;
    text.remove_prefix(glyph.bytes);
  }
  return columns;
}

std::string cut_terminal_text(std::string_view text, std::size_t columns_max) {
  std::string out;
  std::size_t columns = 0;
  // Where to cut if the text turns out to be too long: room for the ellipsis is left.
  std::size_t cut_bytes = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    if (columns + glyph.columns > columns_max) {
      out.resize(cut_bytes);
      if (columns_max > 0) out += "…";
      return out;
    }
    append_glyph(out, text, glyph);
    columns += glyph.columns;
    if (columns < columns_max) cut_bytes = out.size();
    text.remove_prefix(glyph.bytes);
  }
  return out;
}

void append_terminal_lines(std::string& out, std::string_view text, std::string_view indent) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    out += indent;
    while (!line.empty()) {
      const Glyph glyph = first_glyph(line);
      if (glyph.value == '\t' && !glyph.is_byte) {
        out += '\t';
      } else {
        append_glyph(out, line, glyph);
      }
      line.remove_prefix(glyph.bytes);
    }
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace agentaudit
