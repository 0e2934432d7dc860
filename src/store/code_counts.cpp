#include "store/code_counts.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace agentaudit {
namespace {

// Neighbours often carry the same code, and an addition to a place waits for the one
// before it to the same place. So every fourth position has a table of its own.
void count_bytes(std::span<const std::uint8_t> codes, std::span<const std::uint8_t> on,
                 std::span<std::int64_t> counts) {
  constexpr std::size_t tables = 4;
  std::array<std::array<std::uint32_t, byte_codes_max>, tables> places{};
  const std::size_t even = codes.size() - codes.size() % tables;
  for (std::size_t p = 0; p < even; p += tables) {
    std::size_t position = p;
    for (auto& table : places) {
      table[codes[position]] += on[position];
      ++position;
    }
  }
  for (std::size_t p = even; p < codes.size(); ++p) places[0][codes[p]] += on[p];
  for (std::size_t code = 0; code < counts.size(); ++code) {
    for (const auto& table : places) counts[code] += table[code];
  }
}

// Columns that are counted as one, whose codes are those of each as digits.
struct Together {
  std::vector<const CountedColumn*> columns;
  std::size_t codes = 1;
};

void count_together(const Together& together, std::span<const std::uint8_t> on) {
  if (together.columns.size() == 1) {
    count_codes(together.columns[0]->codes, on, together.columns[0]->counts);
    return;
  }
  std::vector<std::uint8_t> joined(on.size());
  for (const CountedColumn* const column : together.columns) {
    const auto base = static_cast<std::uint8_t>(column->counts.size());
    const std::span<const std::uint8_t> codes = column->codes.bytes;
    std::size_t position = 0;
    for (std::uint8_t& code : joined) {
      code = static_cast<std::uint8_t>(code * base + codes[position++]);
    }
  }
  std::array<std::int64_t, byte_codes_max> counts{};
  count_bytes(joined, on, std::span(counts).first(together.codes));
  for (std::size_t joint = 0; joint < together.codes; ++joint) {
    std::size_t rest = joint;
    for (auto column = together.columns.rbegin(); column != together.columns.rend(); ++column) {
      const std::size_t base = (*column)->counts.size();
      (*column)->counts[rest % base] += counts[joint];
      rest /= base;
    }
  }
}

}  // namespace

std::int64_t count_on(std::span<const std::uint8_t> on) noexcept {
  // The multiplication adds the eight bytes up in the greatest one.
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
  std::uint64_t total = 0;
  std::size_t p = 0;
  for (; p + 8 <= on.size(); p += 8) {
    std::uint64_t flags = 0;
    std::memcpy(&flags, on.data() + p, 8);
    total += flags * ones >> 56;
  }
  for (; p < on.size(); ++p) total += on[p];
  return static_cast<std::int64_t>(total);
}

void count_codes(const Codes& codes, std::span<const std::uint8_t> on,
                 std::span<std::int64_t> counts) {
  if (codes.words.empty()) {
    count_bytes(codes.bytes, on, counts);
    return;
  }
  for (std::size_t p = 0; p < codes.words.size(); ++p) counts[codes.words[p]] += on[p];
}

void count_columns(std::span<const CountedColumn> columns, std::span<const std::uint8_t> on) {
  std::vector<Together> groups;
  for (const CountedColumn& column : columns) {
    // Words stay alone.
    const std::size_t codes =
        column.codes.words.empty() ? column.counts.size() : byte_codes_max + 1;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Together& together) {
      return together.codes * codes <= byte_codes_max;
    });
    if (group == groups.end()) group = groups.insert(group, Together());
    group->columns.push_back(&column);
    group->codes *= codes;
  }
  for (const Together& group : groups) count_together(group, on);
}

}  // namespace agentaudit
