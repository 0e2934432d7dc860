#include "store/clickhouse_part_map.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/whole_number.h"

namespace agentaudit {
namespace {

std::optional<std::int64_t> number(std::string_view text) {
  const auto value = whole_number(text);
  // The greatest has none after it.
  const bool counts = value && *value >= 0 && *value < std::numeric_limits<std::int64_t>::max();
  return counts ? value : std::nullopt;
}

}  // namespace

std::optional<ClickhousePartName> ClickhousePartName::parse(std::string_view text) {
  std::array<std::string_view, 5> fields;
  std::size_t count = 0;
  for (std::string_view rest = text;;) {
    if (count == fields.size()) return std::nullopt;
    const auto end = rest.find('_');
    fields[count++] = rest.substr(0, end);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (count < 4 || fields[0].empty()) return std::nullopt;
  const auto first = number(fields[1]);
  const auto last = number(fields[2]);
  const auto level = number(fields[3]);
  if (!first || !last || !level || *first > *last) return std::nullopt;
  if (count == 5 && !number(fields[4])) return std::nullopt;
  return ClickhousePartName{.partition = std::string(fields[0]),
                            .first_block = *first,
                            .last_block = *last,
                            .level = *level,
                            .is_mutated = count == 5};
}

bool ClickhousePartName::covers(const ClickhousePartName& part) const {
  return partition == part.partition && first_block <= part.first_block &&
         part.last_block <= last_block;
}

bool ClickhousePartName::is_made_of(std::vector<const ClickhousePartName*> parts) const {
  std::sort(parts.begin(), parts.end(),
            [](const auto* a, const auto* b) { return a->first_block < b->first_block; });
  std::int64_t next = first_block;
  for (const ClickhousePartName* part : parts) {
    if (part->first_block != next) return false;
    next = part->last_block + 1;
  }
  return next == last_block + 1;
}

}  // namespace agentaudit
