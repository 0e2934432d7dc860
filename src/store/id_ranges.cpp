#include "store/id_ranges.h"

#include <algorithm>
#include <charconv>

namespace agentaudit {
namespace {

// Takes a positive number off the front of the text.
bool take_id(std::string_view& text, EventId& id) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char mark) {
  if (text.empty() || text.front() != mark) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

void add_id(IdRanges& ranges, EventId id) {
  if (!ranges.empty() && ranges.back().last == id - 1) {
    ranges.back().last = id;
  } else {
    ranges.push_back({.first = id, .last = id});
  }
}

std::int64_t count_ids(const IdRanges& ranges) noexcept {
  std::int64_t ids = 0;
  for (const IdRange& range : ranges) ids += range.last - range.first + 1;
  return ids;
}

std::string to_text(const IdRanges& ranges) {
  std::string text;
  for (const IdRange& range : ranges) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.first);
    if (range.last > range.first) text += '-' + std::to_string(range.last);
  }
  return text;
}

Result<IdRanges> parse_id_ranges(std::string_view text) {
  IdRanges ranges;
  const std::size_t whole = text.size();
  while (!text.empty()) {
    IdRange range;
    bool good = (ranges.empty() || take(text, ',')) && take_id(text, range.first);
    range.last = range.first;
    if (good && take(text, '-')) good = take_id(text, range.last) && range.last > range.first;
    if (!good || (!ranges.empty() && ranges.back().last >= range.first - 1)) {
      return fail(ErrorCode::parse,
                  "no ascending ranges of ids at byte " + std::to_string(whole - text.size()));
    }
    ranges.push_back(range);
  }
  return ranges;
}

IdRanges united(IdRanges first, const IdRanges& second) {
  first.insert(first.end(), second.begin(), second.end());
  std::sort(first.begin(), first.end(),
            [](const IdRange& a, const IdRange& b) { return a.first < b.first; });
  IdRanges ranges;
  for (const IdRange& range : first) {
    if (!ranges.empty() && range.first - 1 <= ranges.back().last) {
      ranges.back().last = std::max(ranges.back().last, range.last);
    } else {
      ranges.push_back(range);
    }
  }
  return ranges;
}

bool has_id(const IdRanges& ranges, EventId id) noexcept {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), id,
                       [](EventId wanted, const IdRange& range) { return wanted < range.first; });
  return after != ranges.begin() && std::prev(after)->last >= id;
}

std::string range_text(const IdRange& range) {
  return range.first == range.last
             ? "event " + std::to_string(range.first)
             : "events " + std::to_string(range.first) + " to " + std::to_string(range.last);
}

IdRanges without(const IdRanges& ranges, const IdRanges& other) {
  IdRanges rest;
  auto cut = other.begin();
  for (const IdRange& range : ranges) {
    EventId done = range.first - 1;
    while (cut != other.end() && cut->last <= done) ++cut;
    for (auto it = cut; it != other.end() && it->first <= range.last; ++it) {
      if (it->first - 1 > done) rest.push_back({.first = done + 1, .last = it->first - 1});
      done = std::max(done, it->last);
    }
    if (done < range.last) rest.push_back({.first = done + 1, .last = range.last});
  }
  return rest;
}

}  // namespace agentaudit
