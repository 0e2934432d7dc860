// Counting positions: how many are on, and how many of those carry each code.
#pragma once

#include <cstdint>
#include <span>

#include "store/chunk_columns.h"

namespace agentaudit {

// Flags are 1 or 0.
[[nodiscard]] std::int64_t count_on(std::span<const std::uint8_t> on) noexcept;

// Adds to `counts`, which has a place for each code, the positions that are on.
void count_codes(const Codes& codes, std::span<const std::uint8_t> on,
                 std::span<std::int64_t> counts);

// The same of several columns, which are counted together where their codes make one of a
// byte: counting is what takes the time.
struct CountedColumn {
  Codes codes;
  std::span<std::int64_t> counts;
};
void count_columns(std::span<const CountedColumn> columns, std::span<const std::uint8_t> on);

}  // namespace agentaudit
