// A part of a text: from `begin` to before `end`.
#pragma once

#include <cstddef>
#include <string_view>

namespace agentaudit {

struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  [[nodiscard]] bool is_empty() const noexcept { return begin >= end; }
  [[nodiscard]] std::string_view of(std::string_view text) const {
    return text.substr(begin, end - begin);
  }
  friend bool operator==(const TextRange&, const TextRange&) = default;
};

}  // namespace agentaudit
