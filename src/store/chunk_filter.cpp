#include "store/chunk_filter.h"

#include <algorithm>

#include "store/code_counts.h"

namespace agentaudit {
namespace {

// A condition in the words of one chunk: for each entry of the dictionary whether it is
// wanted.
struct Restriction {
  Column column;
  std::vector<std::uint8_t> wanted;
  std::size_t wanted_entries = 0;
  std::int64_t count = 0;  // positions, before any deletion
};

void empty(Selection& selection) {
  selection.kind = Selection::Kind::none;
  selection.count = 0;
}

bool may_match(const CodedCondition& condition, const ColumnBounds& bounds) {
  if (condition.exclude) {
    return !bounds.constant() ||
           !std::binary_search(condition.values.begin(), condition.values.end(),
                               static_cast<std::uint32_t>(bounds.min));
  }
  return std::any_of(condition.values.begin(), condition.values.end(),
                     [&](std::uint32_t value) { return bounds.may_hold(value); });
}

Restriction restriction_of(const CodedCondition& condition,
                           std::span<const DictionaryEntry> dictionary) {
  Restriction restriction{.column = condition.column, .wanted = {}};
  restriction.wanted.resize(dictionary.size());
  for (std::size_t i = 0; i < dictionary.size(); ++i) {
    const bool named =
        std::binary_search(condition.values.begin(), condition.values.end(), dictionary[i].value);
    if (named == condition.exclude) continue;
    restriction.wanted[i] = 1;
    ++restriction.wanted_entries;
    restriction.count += dictionary[i].count;
  }
  return restriction;
}

void keep_times(std::span<const std::int64_t> timestamps, const ChunkFilter& filter,
                Selection& selection) {
  const std::int64_t since = filter.since.ns();
  const std::int64_t until = filter.until.ns();
  for (std::size_t p = 0; p < timestamps.size(); ++p) {
    const bool inside = timestamps[p] >= since && timestamps[p] <= until;
    selection.on[p] = static_cast<std::uint8_t>(selection.on[p] & (inside ? 1 : 0));
  }
}

// One comparison for all, which the compiler makes of many positions at a time, where one
// entry is wanted or one is not.
template <typename Code>
void keep_codes(std::span<const Code> codes, const Restriction& restriction, Selection& selection) {
  const bool one_wanted = restriction.wanted_entries == 1;
  if (!one_wanted && restriction.wanted_entries + 1 < restriction.wanted.size()) {
    for (std::size_t p = 0; p < codes.size(); ++p) {
      selection.on[p] = static_cast<std::uint8_t>(selection.on[p] & restriction.wanted[codes[p]]);
    }
    return;
  }
  const auto code = static_cast<Code>(
      std::find(restriction.wanted.begin(), restriction.wanted.end(), one_wanted ? 1 : 0) -
      restriction.wanted.begin());
  for (std::size_t p = 0; p < codes.size(); ++p) {
    const bool same = codes[p] == code;
    selection.on[p] = static_cast<std::uint8_t>(selection.on[p] & (same == one_wanted ? 1 : 0));
  }
}

// The conditions that leave something out; false: nothing of the chunk can match.
Result<bool> restrict(ChunkColumns& columns, const ChunkFilter& filter,
                      std::vector<Restriction>& restrictions) {
  for (const CodedCondition& condition : filter.conditions) {
    if (!may_match(condition, columns.bounds()[index_of(condition.column)])) return false;
  }
  for (const CodedCondition& condition : filter.conditions) {
    const auto dictionary = columns.dictionary(condition.column);
    if (!dictionary) return fail(dictionary.error());
    Restriction restriction = restriction_of(condition, *dictionary);
    if (restriction.wanted_entries == 0) return false;
    if (restriction.wanted_entries < dictionary->size()) {
      restrictions.push_back(std::move(restriction));
    }
  }
  return true;
}

}  // namespace

bool may_hold(const Chunk& chunk, const ChunkFilter& filter) {
  if (!chunk.overlaps(filter.since, filter.until)) return false;
  if (!chunk.bounds) return true;
  const bool possible = std::all_of(
      filter.conditions.begin(), filter.conditions.end(), [&](const CodedCondition& condition) {
        return may_match(condition, (*chunk.bounds)[index_of(condition.column)]);
      });
  return possible && !std::binary_search(filter.without_trace.begin(), filter.without_trace.end(),
                                         sqlite_schema::chunk_of(chunk.first_id));
}

Result<void> select(const Chunk& chunk, ChunkColumns& columns, const ChunkFilter& filter,
                    bool with_positions, Selection& selection) {
  empty(selection);
  if (!chunk.overlaps(filter.since, filter.until)) return {};
  std::vector<Restriction> restrictions;
  const auto possible = restrict(columns, filter, restrictions);
  if (!possible) return fail(possible.error());
  if (!*possible) return {};

  const bool all_times = chunk.within(filter.since, filter.until);
  if (restrictions.empty() && all_times) {
    selection.kind = Selection::Kind::all;
    selection.count = chunk.events;
    return {};
  }
  selection.kind = Selection::Kind::some;
  if (!with_positions && all_times && restrictions.size() == 1 && columns.deleted() == nullptr) {
    selection.count = restrictions.front().count;
    return {};
  }
  spell_out(columns, selection);
  // The rarest first: often nothing is left before all columns are read.
  std::sort(restrictions.begin(), restrictions.end(),
            [](const Restriction& a, const Restriction& b) { return a.count < b.count; });
  const auto on = std::span(selection.on).first(columns.positions());
  for (const Restriction& restriction : restrictions) {
    const auto codes = columns.codes(restriction.column);
    if (!codes) return fail(codes.error());
    codes->visit([&](auto of_width) { keep_codes(of_width, restriction, selection); });
    selection.count = count_on(on);
    if (selection.count > 0) continue;
    empty(selection);
    return {};
  }
  if (!all_times) {
    const auto timestamps = columns.numbers(Column::timestamp);
    if (!timestamps) return fail(timestamps.error());
    keep_times(*timestamps, filter, selection);
  }
  selection.count = count_on(on);
  if (selection.count == 0) empty(selection);
  return {};
}

void spell_out(const ChunkColumns& columns, Selection& selection) {
  std::fill_n(selection.on.begin(), columns.positions(), std::uint8_t{1});
  const Positions* const deleted = columns.deleted();
  if (deleted == nullptr) return;
  for (std::size_t p = 0; p < columns.positions(); ++p) {
    if ((*deleted)[p]) selection.on[p] = 0;
  }
}

}  // namespace agentaudit
