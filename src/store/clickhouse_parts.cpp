#include "store/clickhouse_parts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace agentaudit {
namespace {

using Ranges = std::vector<ClickhouseTrailRange>;

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

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

bool covers(const ClickhousePartName& whole, const ClickhousePartName& part) {
  return whole.partition == part.partition && whole.first_block <= part.first_block &&
         part.last_block <= whole.last_block;
}

// Whether these hold every block of the whole, one after the other. A number between them that
// none has may be a block that came late.
bool make_up(const ClickhousePartName& whole, std::vector<const ClickhousePartName*> parts) {
  std::sort(parts.begin(), parts.end(),
            [](const auto* a, const auto* b) { return a->first_block < b->first_block; });
  std::int64_t next = whole.first_block;
  for (const ClickhousePartName* part : parts) {
    if (part->first_block != next) return false;
    next = part->last_block + 1;
  }
  return next == whole.last_block + 1;
}

bool is_made_of(const ClickhousePartName& whole, const std::vector<ClickhousePartName>& parts) {
  std::vector<const ClickhousePartName*> inside;
  for (const ClickhousePartName& part : parts) {
    if (covers(whole, part)) inside.push_back(&part);
  }
  return make_up(whole, std::move(inside));
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

ClickhousePartList ClickhouseParts::keep(const ClickhousePartList& list) {
  std::map<std::string, Known, std::less<>> kept;
  ClickhousePartList unknown;
  for (const ClickhousePart& part : list) {
    if (knows(part)) continue;
    if (auto known = merged(part)) {
      kept.insert_or_assign(part.name, std::move(*known));
    } else {
      unknown.push_back(part);
    }
  }
  for (const ClickhousePart& part : list) {
    if (knows(part)) kept.insert(known_.extract(part.name));
  }
  known_ = std::move(kept);
  return unknown;
}

void ClickhouseParts::learn(const ClickhousePart& part, Ranges ranges) {
  // A name of another kind is of no merge that can be followed.
  auto name =
      ClickhousePartName::parse(part.name).value_or(ClickhousePartName{.partition = part.name});
  known_.insert_or_assign(
      part.name, Known{.part = part, .name = std::move(name), .ranges = std::move(ranges)});
}

bool ClickhouseParts::knows(const ClickhousePart& part) const {
  const auto found = known_.find(part.name);
  return found != known_.end() && found->second.part == part;
}

std::size_t ClickhouseParts::ranges() const noexcept {
  std::size_t count = 0;
  for (const auto& [name, known] : known_) count += known.ranges.size();
  return count;
}

bool ClickhouseParts::may_repeat(const ClickhousePartList& list) {
  if (!list.empty() && list == judged_) return judged_may_repeat_;
  std::vector<const ClickhouseTrailRange*> ranges;
  for (const ClickhousePart& part : list) {
    if (!knows(part)) return true;
    add_all(ranges, known_.find(part.name)->second.ranges);
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
                       [&](const ClickhousePartName& whole) { return covers(whole, name); });
  });
}

std::optional<ClickhouseParts::Known> ClickhouseParts::merged(const ClickhousePart& part) const {
  auto name = ClickhousePartName::parse(part.name);
  if (!name) return std::nullopt;
  std::vector<const ClickhousePartName*> inside;
  std::vector<const ClickhouseTrailRange*> ranges;
  std::int64_t rows = 0;
  for (const auto& [text, known] : known_) {
    if (!covers(*name, known.name)) continue;
    if (text == part.name) return std::nullopt;  // of a table that is gone
    inside.push_back(&known.name);
    add_all(ranges, known.ranges);
    rows += known.part.rows;
  }
  if (rows != part.rows || !make_up(*name, std::move(inside)) || overlap(ranges)) {
    return std::nullopt;
  }
  Known whole{.part = part, .name = std::move(*name), .ranges = {}};
  for (const ClickhouseTrailRange* range : ranges) {
    if (whole.ranges.empty() || whole.ranges.back().trail != range->trail) {
      whole.ranges.push_back(*range);
      continue;
    }
    whole.ranges.back().last_id = range->last_id;
    whole.ranges.back().events += range->events;
  }
  return whole;
}

}  // namespace agentaudit
