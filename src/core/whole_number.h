// Whole numbers as people type them.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace agentaudit {

// In decimal, a minus in front of it at most. Not set: anything else, or beyond 64 bits.
[[nodiscard]] inline std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace agentaudit
