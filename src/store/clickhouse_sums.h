// ClickhouseSums: what events of a fleet add up to, so that a question about all of them reads
// none. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/query.h"
#include "store/clickhouse_part_map.h"

namespace agentaudit {

struct ClickhouseSums {
  // What is wanted: without the names, or all of it.
  enum class Of : std::uint8_t { extent, names };
  // Whose names are counted.
  static constexpr std::array<std::string_view, 5> columns = {"category", "status", "agent",
                                                              "source", "target"};
  using Counts = std::map<std::string, std::int64_t, std::less<>>;

  std::int64_t events = 0;
  // Least and greatest; of no events, nothing.
  Timestamp first{};
  Timestamp last{};
  std::array<Counts, columns.size()> names{};

  void add(const ClickhouseSums& more);
  // Names in all columns.
  [[nodiscard]] std::size_t size() const noexcept;
};

// Most first, then by name.
[[nodiscard]] std::vector<NameCount> sorted_counts(const ClickhouseSums::Counts& counts);

// By parts, whose rows are each there once.
using ClickhousePartSums = ClickhousePartMap<ClickhouseSums>;
[[nodiscard]] ClickhousePartSums make_clickhouse_part_sums();

}  // namespace agentaudit
