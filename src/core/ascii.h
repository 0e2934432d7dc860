// ASCII letters without a locale; every other byte stays as it is.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace agentaudit {

[[nodiscard]] constexpr char to_lower_ascii(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline std::string to_lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = to_lower_ascii(c);
  return lower;
}

[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char left, char right) {
    return to_lower_ascii(left) == to_lower_ascii(right);
  });
}

}  // namespace agentaudit
