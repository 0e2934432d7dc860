// KeywordFilter: finds some dozens of short words in one pass over a text, most of which
// has none of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/ascii.h"

namespace agentaudit {

// Immutable, thread-safe. Three bytes at a time are looked up in a table of bits, which
// says where it is worth comparing.
class KeywordFilter {
 public:
  static constexpr std::size_t keyword_bytes_min = 3;

  // `rule` is what is told of a keyword that is found; it has at least keyword_bytes_min
  // bytes.
  void add(std::string_view keyword, std::size_t rule);

  // Calls on_hit(position, rule) for every keyword in `text`, each once where the text is
  // scanned in pieces, of which `begin` and `end` are one; in no order, and keywords may reach
  // beyond the piece.
  template <typename OnHit>
  void scan(std::string_view text, std::size_t begin, std::size_t end, const OnHit& on_hit) const {
    if (text.size() < keyword_bytes_min) return;
    end = std::min(end, text.size() - keyword_bytes_min + 1);
    for (std::size_t i = next(text, begin, end); i < end; i = next(text, i + 1, end)) {
      const std::uint32_t gram = gram_at(text, i);
      for (const Keyword& keyword : keywords_[bit_of(gram) % buckets]) {
        if (keyword.gram != gram || keyword.offset > i) continue;
        const std::size_t position = i - keyword.offset;
        if (equal_ignoring_case(text.substr(position, keyword.text.size()), keyword.text)) {
          on_hit(position, keyword.rule);
        }
      }
    }
  }

 private:
  // The first position from `begin` to before `end` where a keyword may stand; else `end`.
  [[nodiscard]] std::size_t next(std::string_view text, std::size_t begin,
                                 std::size_t end) const noexcept;

  static constexpr unsigned bits_log2 = 16;
  static constexpr std::size_t buckets = 256;
  struct Keyword {
    std::uint32_t gram = 0;
    std::size_t offset = 0;  // of the gram in the keyword
    std::size_t rule = 0;
    std::string text;
  };

  // The low three bytes, with the bit set by which the letters of one case differ from those
  // of the other.
  static std::uint32_t folded(std::uint32_t bytes) noexcept {
    return (bytes & 0xFFFFFFU) | 0x202020U;
  }
  static std::uint32_t gram_at(std::string_view text, std::size_t at) noexcept {
    std::uint32_t bytes = 0;
    for (std::size_t i = keyword_bytes_min; i > 0; --i) {
      bytes = bytes << 8U | static_cast<std::uint8_t>(text[at + i - 1]);
    }
    return folded(bytes);
  }
  static std::uint32_t bit_of(std::uint32_t gram) noexcept {
    return gram * 0x85EBCA6BU >> (32U - bits_log2);
  }

  std::array<std::uint64_t, (1U << bits_log2) / 64> bits_{};
  std::array<std::vector<Keyword>, buckets> keywords_;  // by bit
};

}  // namespace agentaudit
