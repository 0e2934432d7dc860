#include "store/clickhouse_parts.h"

#include <algorithm>
#include <utility>

namespace agentaudit {
namespace {

using Ranges = std::vector<ClickhouseTrailRange>;

// Whether there can be one event of each id in the range, and none twice.
bool fits(const ClickhouseTrailRange& range) {
  return range.events <= range.last_id - range.first_id + 1;
}

bool comes_before(const ClickhouseTrailRange& a, const ClickhouseTrailRange& b) {
  return a.trail != b.trail ? a.trail < b.trail : a.first_id < b.first_id;
}

// Whether an id of a trail can be in two of the ranges, or in one of them twice.
bool overlap(std::vector<const ClickhouseTrailRange*>& ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const auto* a, const auto* b) { return comes_before(*a, *b); });
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (!fits(*ranges[i])) return true;
    if (i == 0 || ranges[i]->trail != ranges[i - 1]->trail) continue;
    if (ranges[i]->first_id <= ranges[i - 1]->last_id) return true;
  }
  return false;
}

void add_all(std::vector<const ClickhouseTrailRange*>& to, const Ranges& ranges) {
  for (const ClickhouseTrailRange& range : ranges) to.push_back(&range);
}

// What a merge made of them, where no row of one can be another's.
std::optional<Ranges> joined(const std::vector<const Ranges*>& parts) {
  std::vector<const ClickhouseTrailRange*> ranges;
  for (const Ranges* part : parts) add_all(ranges, *part);
  if (overlap(ranges)) return std::nullopt;
  Ranges whole;
  for (const ClickhouseTrailRange* range : ranges) {
    if (whole.empty() || whole.back().trail != range->trail) {
      whole.push_back(*range);
      continue;
    }
    whole.back().last_id = range->last_id;
    whole.back().events += range->events;
  }
  return whole;
}

bool is_made_of(const ClickhousePartName& whole, const std::vector<ClickhousePartName>& parts) {
  std::vector<const ClickhousePartName*> inside;
  for (const ClickhousePartName& part : parts) {
    if (whole.covers(part)) inside.push_back(&part);
  }
  return whole.is_made_of(std::move(inside));
}

std::optional<std::vector<ClickhousePartName>> names_of(const ClickhousePartList& list) {
  std::vector<ClickhousePartName> names;
  for (const ClickhousePart& part : list) {
    auto name = ClickhousePartName::parse(part.name);
    if (!name) return std::nullopt;
    names.push_back(std::move(*name));
  }
  return names;
}

}  // namespace

ClickhouseParts::ClickhouseParts() : known_(joined) {}

std::size_t ClickhouseParts::ranges() const noexcept {
  std::size_t count = 0;
  known_.for_each([&](const Ranges& ranges) { count += ranges.size(); });
  return count;
}

bool ClickhouseParts::may_repeat(const ClickhousePartList& list) {
  if (!list.empty() && list == judged_) return judged_may_repeat_;
  std::vector<const ClickhouseTrailRange*> ranges;
  for (const ClickhousePart& part : list) {
    const Ranges* const known = known_.find(part);
    if (known == nullptr) return true;
    add_all(ranges, *known);
  }
  judged_ = list;
  judged_may_repeat_ = overlap(ranges);
  return judged_may_repeat_;
}

bool ClickhouseParts::follows(const ClickhousePartList& before, const ClickhousePartList& after) {
  if (before == after) return true;
  const auto old_names = names_of(before);
  const auto new_names = names_of(after);
  if (!old_names || !new_names) return false;
  for (const ClickhousePartName& name : *new_names) {
    const bool is_insert =
        name.first_block == name.last_block && name.level == 0 && !name.is_mutated;
    if (!is_insert && !is_made_of(name, *old_names)) return false;
  }
  return std::all_of(old_names->begin(), old_names->end(), [&](const ClickhousePartName& name) {
    return std::any_of(new_names->begin(), new_names->end(),
                       [&](const ClickhousePartName& whole) { return whole.covers(name); });
  });
}

}  // namespace agentaudit
