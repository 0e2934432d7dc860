#include "store/clickhouse_sums.h"

#include <algorithm>
#include <optional>

#include "store/name_counts.h"

namespace agentaudit {

void ClickhouseSums::add(const ClickhouseSums& more) {
  if (more.events == 0) return;
  first = events == 0 ? more.first : std::min(first, more.first);
  last = events == 0 ? more.last : std::max(last, more.last);
  events += more.events;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (const auto& [name, count] : more.names[i]) names[i][name] += count;
  }
}

std::size_t ClickhouseSums::size() const noexcept {
  std::size_t count = 0;
  for (const Counts& of : names) count += of.size();
  return count;
}

std::vector<NameCount> sorted_counts(const ClickhouseSums::Counts& counts) {
  std::vector<NameCount> sorted;
  sorted.reserve(counts.size());
  for (const auto& [name, count] : counts) sorted.push_back({.name = name, .count = count});
  std::ranges::sort(sorted, counts_more);
  return sorted;
}

ClickhousePartSums make_clickhouse_part_sums() {
  return ClickhousePartSums([](const std::vector<const ClickhouseSums*>& parts) {
    ClickhouseSums whole;
    for (const ClickhouseSums* part : parts) whole.add(*part);
    return std::optional(std::move(whole));
  });
}

}  // namespace agentaudit
