#include "redact/flat_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/utf8.h"

namespace agentaudit {
namespace {

std::optional<std::uint32_t> code_unit(std::string_view text) {
  constexpr std::size_t digits = 4;
  if (text.size() < digits) return std::nullopt;
  std::uint32_t unit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, unit, 16);
  if (error != std::errc() || end != text.data() + digits) return std::nullopt;
  return unit;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// `text` starts with the `u` of an escape. Appends the character, returns the bytes it took;
// 0: this is no such escape.
std::size_t take_unicode(std::string_view text, std::string& out) {
  constexpr std::size_t bytes = 5;  // u0041
  const auto unit = code_unit(text.substr(1));
  if (!unit) return 0;
  if (is_high_surrogate(*unit)) {
    // The other half may stand behind as many backslashes as this one.
    const std::string_view rest = text.substr(bytes);
    const std::size_t backslashes = std::min(rest.find_first_not_of('\\'), rest.size());
    const std::string_view second = rest.substr(backslashes);
    const auto low =
        backslashes > 0 && second.starts_with('u') ? code_unit(second.substr(1)) : std::nullopt;
    if (low && is_low_surrogate(*low)) {
      append_utf8(out, 0x10000 + ((*unit - 0xD800) << 10U) + (*low - 0xDC00));
      return bytes + backslashes + bytes;
    }
  }
  constexpr std::uint32_t replacement = 0xFFFD;
  const bool is_half = is_high_surrogate(*unit) || is_low_surrogate(*unit);
  append_utf8(out, is_half ? replacement : *unit);
  return bytes;
}

// `text` starts with a backslash. Appends the character that it stands for, returns how many
// bytes it took.
std::size_t take_escape(std::string_view text, std::string& out) {
  const std::size_t run = std::min(text.find_first_not_of('\\'), text.size());
  switch (const char escaped = run < text.size() ? text[run] : '\0'; escaped) {
    case 'n': out += '\n'; return run + 1;
    case 'r': out += '\r'; return run + 1;
    case 't': out += '\t'; return run + 1;
    case 'b':
    case 'f': out += ' '; return run + 1;
    case '"':
    case '\'':
    case '/': out += escaped; return run + 1;
    case 'u':
      if (const std::size_t taken = take_unicode(text.substr(run), out); taken > 0) {
        return run + taken;
      }
      break;
    default: break;
  }
  out += '\\';
  return run;
}

}  // namespace

FlatText::FlatText(std::string_view raw) : raw_(raw), text_(raw) {
  std::size_t escape = raw.find('\\');
  if (escape == std::string_view::npos) return;
  flat_.reserve(raw.size());
  std::size_t at = 0;
  while (escape != std::string_view::npos) {
    flat_.append(raw, at, escape - at);
    at = escape + take_escape(raw.substr(escape), flat_);
    escape = raw.find('\\', at);
  }
  flat_.append(raw, at);
  text_ = flat_;
}

std::vector<TextRange> FlatText::raw_ranges(const std::vector<TextRange>& ranges) const {
  if (text_.data() == raw_.data()) return ranges;
  std::vector<TextRange> found;
  found.reserve(ranges.size());
  std::size_t raw = 0;
  std::size_t flat = 0;
  std::string unescaped;
  // Goes on to the first place in raw_ at or after that one in text_.
  const auto go_to = [&](std::size_t position) {
    while (flat < position) {
      if (raw_[raw] == '\\') {
        unescaped.clear();
        raw += take_escape(raw_.substr(raw), unescaped);
        flat += unescaped.size();
        continue;
      }
      const std::size_t escape = std::min(raw_.find('\\', raw), raw_.size());
      const std::size_t plain = std::min(escape - raw, position - flat);
      raw += plain;
      flat += plain;
    }
    return raw;
  };
  for (const TextRange& range : ranges) {
    const std::size_t begin = go_to(range.begin);
    found.push_back({.begin = begin, .end = go_to(range.end)});
  }
  return found;
}

}  // namespace agentaudit
