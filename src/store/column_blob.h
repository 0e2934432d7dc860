// The BLOBs of a sealed chunk: bounds, deletions, dictionaries, codes and numbers.
// docs/sqlite_schema.md gives their bytes. Pure; what is read may be damaged, and then
// the error is `corrupt`.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "store/column.h"

namespace agentaudit {

// Of the values that occur in one column of a chunk.
struct ColumnBounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::uint64_t mask = 0;  // of a coded column: bit value mod 64

  [[nodiscard]] bool constant() const noexcept { return min == max; }
  // False: no position of the chunk carries the value.
  [[nodiscard]] bool may_hold(std::uint32_t value) const noexcept {
    return value >= min && value <= max && (mask >> (value % 64) & 1U) != 0;
  }

  friend bool operator==(const ColumnBounds&, const ColumnBounds&) = default;
};
using ChunkBounds = std::array<ColumnBounds, column_count>;

struct DictionaryEntry {
  std::uint32_t value = 0;
  std::uint16_t count = 0;  // positions that carry it

  friend bool operator==(const DictionaryEntry&, const DictionaryEntry&) = default;
};

using Positions = std::bitset<chunk_positions>;

[[nodiscard]] std::string encode_bounds(const ChunkBounds& bounds);
[[nodiscard]] Result<ChunkBounds> decode_bounds(std::string_view blob);

[[nodiscard]] std::string encode_positions(const Positions& positions);
[[nodiscard]] Result<Positions> decode_positions(std::string_view blob);

// Ascending by value.
[[nodiscard]] std::string encode_dictionary(std::span<const DictionaryEntry> entries);
[[nodiscard]] Result<std::vector<DictionaryEntry>> decode_dictionary(std::string_view blob,
                                                                     const ColumnBounds& bounds);

// The place in the dictionary of every position, of 2, 4, 8 or 16 bits. In memory they are
// bytes where it has at most byte_codes_max entries, else words. Both take and give
// chunk_positions of them (or another multiple of four).
inline constexpr std::size_t byte_codes_max = 256;
[[nodiscard]] std::string encode_codes(std::span<const std::uint16_t> codes, std::size_t entries);
[[nodiscard]] Result<void> decode_codes(std::string_view blob, std::size_t entries,
                                        std::span<std::uint8_t> codes);
[[nodiscard]] Result<void> decode_codes(std::string_view blob, std::size_t entries,
                                        std::span<std::uint16_t> codes);

[[nodiscard]] std::string encode_numbers(std::span<const std::int64_t> numbers,
                                         const ColumnBounds& bounds);
[[nodiscard]] Result<void> decode_numbers(std::string_view blob, const ColumnBounds& bounds,
                                          std::span<std::int64_t> numbers);

}  // namespace agentaudit
