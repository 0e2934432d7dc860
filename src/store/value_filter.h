// A filter of the values that occur in a column of a chunk: a Bloom filter (Bloom, CACM
// 13(7), 1970, with the two hashes of Kirsch and Mitzenmacher, 2006) in slices, of which
// a question about one value reads one. docs/sqlite_schema.md gives its bytes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "store/column_blob.h"

namespace agentaudit {

inline constexpr std::size_t value_filter_slices = 16;

// Which slice knows of the value.
[[nodiscard]] std::size_t value_filter_slice(std::uint32_t value) noexcept;

[[nodiscard]] std::array<std::string, value_filter_slices> encode_value_filter(
    std::span<const DictionaryEntry> entries);

// False: the value is not among those that the slice was made of. Any bytes are a slice.
[[nodiscard]] bool value_filter_may_hold(std::string_view slice, std::uint32_t value) noexcept;

}  // namespace agentaudit
