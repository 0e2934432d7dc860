// KeywordFilter: finds some dozens of short words in one pass over a text, most of which
// has none of them.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

  // Calls on_hit(position, rule) for every keyword at every position in `text` from `begin`
  // to before `end`, in order of position; a keyword may reach beyond `end`.
  template <typename OnHit>
  void scan(std::string_view text, std::size_t begin, std::size_t end, const OnHit& on_hit) const {
    if (text.size() < keyword_bytes_min) return;
    end = std::min(end, text.size() - keyword_bytes_min + 1);
    if (begin >= end) return;
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t gram = gram_at(text, i);
      const std::uint32_t bit = bit_of(gram);
      if ((bits_[bit / 64] >> (bit % 64) & 1U) == 0) continue;
      for (const Keyword& keyword : keywords_[bit % buckets]) {
        if (keyword.gram == gram &&
            equal_ignoring_case(text.substr(i, keyword.text.size()), keyword.text)) {
          on_hit(i, keyword.rule);
        }
      }
    }
  }

 private:
  static constexpr unsigned bits_log2 = 15;
  static constexpr std::size_t buckets = 256;
  struct Keyword {
    std::uint32_t gram = 0;
    std::size_t rule = 0;
    std::string text;
  };

  // The three bytes there, with the bit set by which the letters of one case differ from those
  // of the other.
  static std::uint32_t gram_at(std::string_view text, std::size_t at) noexcept {
    constexpr std::uint32_t case_bits = 0x202020;
    std::uint32_t gram = 0;
    if (std::endian::native == std::endian::little && at + sizeof gram <= text.size()) {
      std::memcpy(&gram, text.data() + at, sizeof gram);
      return (gram & 0xFFFFFFU) | case_bits;
    }
    for (std::size_t i = keyword_bytes_min; i > 0; --i) {
      gram = gram << 8U | static_cast<std::uint8_t>(text[at + i - 1]);
    }
    return gram | case_bits;
  }
  static std::uint32_t bit_of(std::uint32_t gram) noexcept {
    return gram * 0x9E3779B1U >> (32U - bits_log2);
  }

  std::array<std::uint64_t, (1U << bits_log2) / 64> bits_{};
  std::array<std::vector<Keyword>, buckets> keywords_;  // by bit
};

}  // namespace agentaudit
