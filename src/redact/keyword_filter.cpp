#include "redact/keyword_filter.h"

#include <bit>
#include <cstring>

namespace agentaudit {
namespace {

bool is_letters(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return to_lower_ascii(c) >= 'a' && to_lower_ascii(c) <= 'z'; });
}

}  // namespace

void KeywordFilter::add(std::string_view keyword, std::size_t rule) {
  // Three letters stand in many words; a digit or a sign among them makes them rare.
  std::size_t offset = 0;
  while (offset + keyword_bytes_min < keyword.size() &&
         is_letters(keyword.substr(offset, keyword_bytes_min))) {
    ++offset;
  }
  if (is_letters(keyword.substr(offset, keyword_bytes_min))) offset = 0;
  const std::uint32_t gram = gram_at(keyword, offset);
  const std::uint32_t bit = bit_of(gram);
  bits_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  keywords_[bit % buckets].push_back(
      {.gram = gram, .offset = offset, .rule = rule, .text = std::string(keyword)});
}

std::size_t KeywordFilter::next(std::string_view text, std::size_t begin,
                                std::size_t end) const noexcept {
  const auto is_marked = [&](std::uint32_t gram) {
    const std::uint32_t bit = bit_of(gram);
    return (bits_[bit / 64] >> (bit % 64) & 1U) != 0;
  };
  std::size_t at = begin;
  if constexpr (std::endian::native == std::endian::little) {
    // Six at a time, of which one branch says that it is none: nearly always.
    constexpr std::size_t grams = sizeof(std::uint64_t) - keyword_bytes_min + 1;
    for (; at + sizeof(std::uint64_t) <= text.size() && at + grams <= end; at += grams) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, sizeof word);
      const auto marked_at = [&](unsigned byte) -> unsigned {
        return is_marked(folded(static_cast<std::uint32_t>(word >> (8 * byte)))) ? 1 : 0;
      };
      const unsigned any =
          marked_at(0) | marked_at(1) | marked_at(2) | marked_at(3) | marked_at(4) | marked_at(5);
      if (any != 0) break;
    }
  }
  while (at < end && !is_marked(gram_at(text, at))) ++at;
  return std::min(at, end);
}

}  // namespace agentaudit
