// How much of a text can be copied into a JSON string, or out of one, as it is. Most of
// most texts can, so eight bytes are looked at together.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace agentaudit {

enum class PlainText : std::uint8_t {
  ascii,  // printable ASCII without `"` and `\`
  bytes   // any byte but control characters (to U+001F), `"` and `\`
};

// The bytes at the start of `text` that are plain.
template <PlainText Kind>
[[nodiscard]] std::size_t plain_bytes(std::string_view text) noexcept {
  constexpr bool is_ascii = Kind == PlainText::ascii;
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101U;
  constexpr std::uint64_t highs = 0x80U * ones;
  const auto is_plain = [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte >= 0x20 && c != '"' && c != '\\' && (!is_ascii || byte < 0x7F);
  };
  std::size_t plain = 0;
  if constexpr (std::endian::native == std::endian::little) {
    // The lowest high bit of each word below is that of a byte of its kind; those above
    // may be wrong, for a borrow goes up.
    const auto equal_to = [](std::uint64_t word, std::uint64_t byte) {
      const std::uint64_t differs = word ^ (byte * ones);
      return (differs - ones) & ~differs;
    };
    for (; plain + sizeof(std::uint64_t) <= text.size(); plain += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + plain, sizeof word);
      std::uint64_t other =
          ((word - 0x20U * ones) & ~word) | equal_to(word, '"') | equal_to(word, '\\');
      if constexpr (is_ascii) other |= word | equal_to(word, 0x7F);
      other &= highs;
      if (other != 0) return plain + static_cast<std::size_t>(std::countr_zero(other)) / 8;
    }
  }
  while (plain < text.size() && is_plain(text[plain])) ++plain;
  return plain;
}

}  // namespace agentaudit
