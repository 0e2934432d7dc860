#include "redact/card_number.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/ascii.h"

namespace agentaudit {
namespace {

constexpr std::size_t digits_min = 13;
constexpr std::size_t digits_max = 19;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) {
  const char lower = to_lower_ascii(c);
  return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

bool is_separator(char c) { return c == ' ' || c == '-'; }

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool doubled = (digits.size() - i) % 2 == 0;
    const int value = (digits[i] - '0') * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

// Issuers by the first four digits, and the lengths of their numbers.
bool is_issued(std::string_view digits) {
  int prefix = 0;
  for (const char digit : digits.substr(0, 4)) prefix = prefix * 10 + (digit - '0');
  const std::size_t length = digits.size();
  const auto within = [&](int first, int last) { return prefix >= first && prefix <= last; };
  if (within(4000, 4999)) return length == 13 || length == 16 || length == 19;  // Visa
  if (within(5100, 5599) || within(2221, 2720)) return length == 16;            // Mastercard
  if (within(3400, 3499) || within(3700, 3799)) return length == 15;            // Amex
  if (within(3000, 3059) || within(3600, 3699) || within(3800, 3999))
    return length == 14;                        // Diners
  if (within(3528, 3589)) return length >= 16;  // JCB
  if (within(6011, 6011) || within(6440, 6599) || within(6200, 6299)) return length >= 16;
  return false;
}

bool is_card_number(std::string_view digits) { return is_issued(digits) && passes_luhn(digits); }

// The card number whose groups of digits stand there as they are printed. What follows after
// the same space, such as a check code, may look like one group more.
std::optional<TextRange> printed_at(std::string_view text, std::size_t begin) {
  static constexpr std::array<std::array<std::size_t, 5>, 4> layouts = {
      {{4, 4, 4, 4, 3}, {4, 4, 4, 4, 0}, {4, 6, 5, 0, 0}, {4, 6, 4, 0, 0}}};
  for (const auto& layout : layouts) {
    std::string digits;
    std::size_t at = begin;
    bool fits = true;
    for (const std::size_t group : layout) {
      if (group == 0 || !fits) break;
      if (at > begin) {
        // All are apart by the same.
        const std::size_t first = begin + layout[0];
        fits = at < text.size() && is_separator(text[at]) && text[at] == text[first];
        ++at;
      }
      fits = fits && digits_at(text, at) == group;
      if (fits) digits += text.substr(at, group);
      at += group;
    }
    if (fits && is_card_number(digits)) return TextRange{.begin = begin, .end = at};
  }
  return std::nullopt;
}

// A number that is a part of something else is no card's.
bool stands_alone(std::string_view text, const TextRange& range) {
  constexpr std::string_view joins_before = "._-+/\\#$%";
  constexpr std::string_view joins_after = "_-/\\%";
  if (range.begin > 0) {
    const char before = text[range.begin - 1];
    if (is_alnum(before) || joins_before.find(before) != std::string_view::npos) return false;
  }
  if (range.end == text.size()) return true;
  const char after = text[range.end];
  if (is_alnum(after) || joins_after.find(after) != std::string_view::npos) return false;
  return after != '.' || range.end + 1 == text.size() || !is_alnum(text[range.end + 1]);
}

// The lower-case words before, where a key or a label would stand.
std::string words_before(std::string_view text, std::size_t at) {
  constexpr std::size_t reach = 40;
  const std::size_t begin = at > reach ? at - reach : 0;
  return to_lower_ascii(text.substr(begin, at - begin));
}

bool names_a_card(std::string_view words) {
  static constexpr std::array<std::string_view, 7> names = {"card",   "visa",  "mastercard", "amex",
                                                            "paypan", "pan\"", "pan="};
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return words.find(name) != std::string_view::npos;
  });
}

// `"id": 4…`, `order_id=4…`.
bool names_an_id(std::string_view words) {
  while (!words.empty() && !is_alnum(words.back())) words.remove_suffix(1);
  return words.ends_with("id") || words.ends_with("timestamp");
}

// Four hex digits beside groups of four make them a row of a table.
bool is_in_a_row(std::string_view text, const TextRange& range) {
  constexpr std::size_t group = 4;
  constexpr std::size_t four_groups = 4 * group + 3;
  if (range.end - range.begin < four_groups) return false;
  const auto is_group = [](std::string_view part) {
    return part.size() == group && std::all_of(part.begin(), part.end(), [](char c) {
             const char lower = to_lower_ascii(c);
             return is_digit(lower) || (lower >= 'a' && lower <= 'f');
           });
  };
  const bool before = range.begin > group &&
                      is_group(text.substr(range.begin - group - 1, group)) &&
                      (range.begin == group + 1 || !is_alnum(text[range.begin - group - 2]));
  const bool after =
      range.end + group < text.size() && is_group(text.substr(range.end + 1, group)) &&
      (range.end + group + 1 == text.size() || !is_alnum(text[range.end + group + 1]));
  return before || after;
}

// The card number whose first group of digits is this.
std::optional<TextRange> card_at(std::string_view text, const TextRange& group) {
  const std::size_t length = group.end - group.begin;
  if (length == 4) {
    const auto printed = printed_at(text, group.begin);
    const bool is_one = printed && stands_alone(text, *printed) && !is_in_a_row(text, *printed);
    return is_one ? printed : std::nullopt;
  }
  if (length < digits_min || length > digits_max || !is_card_number(group.of(text)) ||
      !stands_alone(text, group)) {
    return std::nullopt;
  }
  const std::string words = words_before(text, group.begin);
  const bool is_usual = length >= 14 && length <= 16 && !names_an_id(words);
  if (is_usual || names_a_card(words)) return group;
  return std::nullopt;
}

}  // namespace

std::optional<TextRange> find_card_number(std::string_view text, std::size_t from) {
  // Of any two bytes within a card number one is a digit.
  constexpr std::size_t step = 8;
  std::size_t at = from;
  while (at < text.size()) {
    if (!is_digit(text[at]) && !(at + 1 < text.size() && is_digit(text[at + 1]))) {
      at += step;
      continue;
    }
    if (!is_digit(text[at])) ++at;
    const auto joins = [&](std::size_t position) {
      return is_digit(text[position]) ||
             (is_separator(text[position]) && position > from && is_digit(text[position - 1]));
    };
    while (at > from && joins(at - 1)) --at;
    // Group after group of those that hang together.
    while (at < text.size() && is_digit(text[at])) {
      const TextRange group{.begin = at, .end = at + digits_at(text, at)};
      if (auto card = card_at(text, group)) return card;
      at = group.end + 1;
      if (group.end < text.size() && !is_separator(text[group.end])) break;
    }
  }
  return std::nullopt;
}

}  // namespace agentaudit
