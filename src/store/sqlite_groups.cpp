#include "store/sqlite_groups.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <span>
#include <unordered_map>

#include "store/duration_histogram.h"
#include "store/sqlite_question.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

constexpr Column grouped_column(GroupBy by) {
  switch (by) {
    case GroupBy::category: return Column::category;
    case GroupBy::action: return Column::action;
    case GroupBy::agent: return Column::agent;
    case GroupBy::status: return Column::status;
    case GroupBy::source: return Column::source;
    case GroupBy::target: return Column::target;
    case GroupBy::principal: return Column::principal;
    case GroupBy::conversation: break;
  }
  return Column::conversation;
}

struct GroupTally {
  // What a status counts as; the places of `counts`.
  enum StatusClass : std::uint8_t { other, error, denied, pending };

  std::array<std::int64_t, 4> counts{};
  std::int64_t first_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ns = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] std::int64_t events() const {
    return counts[other] + counts[error] + counts[denied] + counts[pending];
  }
  void merge(const GroupTally& more) {
    first_ns = std::min(first_ns, more.first_ns);
    last_ns = std::max(last_ns, more.last_ns);
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += more.counts[i];
  }
};

using Tallies = std::unordered_map<std::uint32_t, GroupTally>;

struct RankedGroup {
  std::uint32_t id = 0;
  std::string name{};
  GroupTally tally{};
  DurationHistogram durations{};
};

std::vector<GroupTally::StatusClass> classes_of(std::span<const DictionaryEntry> statuses,
                                                const StatusIds& status_ids) {
  std::vector<GroupTally::StatusClass> classes;
  for (const DictionaryEntry& entry : statuses) {
    classes.push_back(entry.value == status_ids.error     ? GroupTally::error
                      : entry.value == status_ids.denied  ? GroupTally::denied
                      : entry.value == status_ids.pending ? GroupTally::pending
                                                          : GroupTally::other);
  }
  return classes;
}

Result<void> tally_chunk(ChunkColumns& columns, Column column, const StatusIds& status_ids,
                         const Selection& selection, Tallies& tallies) {
  const auto groups = CodedValues::read(columns, column);
  if (!groups) return fail(groups.error());
  const auto statuses = CodedValues::read(columns, Column::status);
  if (!statuses) return fail(statuses.error());
  const auto timestamps = columns.numbers(Column::timestamp);
  if (!timestamps) return fail(timestamps.error());

  const std::vector<GroupTally::StatusClass> classes = classes_of(statuses->dictionary, status_ids);
  std::vector<GroupTally> by_code(groups->dictionary.size());
  for (std::size_t p = 0; p < timestamps->size(); ++p) {
    if (selection.on[p] == 0) continue;
    GroupTally& tally = by_code[groups->codes[p]];
    ++tally.counts[classes[statuses->codes[p]]];
    tally.first_ns = std::min(tally.first_ns, (*timestamps)[p]);
    tally.last_ns = std::max(tally.last_ns, (*timestamps)[p]);
  }
  for (std::size_t i = 0; i < by_code.size(); ++i) {
    if (by_code[i].events() > 0) tallies[groups->dictionary[i].value].merge(by_code[i]);
  }
  return {};
}

// Adds the chunk's durations to the groups of the answer; `places` are theirs by id.
Result<void> add_durations(ChunkColumns& columns, Column column, const Selection& selection,
                           const std::unordered_map<std::uint32_t, std::size_t>& places,
                           std::vector<DurationHistogram>& of_groups) {
  const auto values = CodedValues::read(columns, column);
  if (!values) return fail(values.error());
  std::vector<DurationHistogram*> by_code(values->dictionary.size());
  for (std::size_t i = 0; i < by_code.size(); ++i) {
    const auto place = places.find(values->dictionary[i].value);
    if (place != places.end()) by_code[i] = &of_groups[place->second];
  }
  const auto durations = columns.numbers(Column::duration_ms);
  if (!durations) return fail(durations.error());
  for (std::size_t p = 0; p < durations->size(); ++p) {
    DurationHistogram* const histogram = by_code[values->codes[p]];
    if (selection.on[p] == 0 || histogram == nullptr) continue;
    histogram->add(std::chrono::milliseconds((*durations)[p]));
  }
  return {};
}

// Groups in two rounds over the chunks: who is in the answer, then how long they took, so
// that only the groups of the answer need a histogram. What one thread adds up in each:
struct CountPart {
  std::unique_ptr<Selection> selection = std::make_unique<Selection>();
  std::vector<const Chunk*> matching;
  Tallies tallies;

  // There may be hundreds of thousands of groups, so with a look at the time.
  Result<void> merge(const CountPart& other, const SqliteConnection& connection) {
    matching.insert(matching.end(), other.matching.begin(), other.matching.end());
    std::size_t merged = 0;
    for (const auto& [id, tally] : other.tallies) {
      constexpr std::size_t step = 4'096;
      if (merged++ % step == 0) {
        if (auto in_time = connection.within_limits(); !in_time) return in_time;
      }
      tallies[id].merge(tally);
    }
    return {};
  }
};
struct DurationPart {
  std::unique_ptr<Selection> selection = std::make_unique<Selection>();
  std::vector<DurationHistogram> durations;  // of each group of the answer

  void merge(const DurationPart& other) {
    durations.resize(std::max(durations.size(), other.durations.size()));
    for (std::size_t i = 0; i < other.durations.size(); ++i) {
      durations[i].merge(other.durations[i]);
    }
  }
};

Result<CountPart> count_groups(SqliteQuestion& question, const ChunkFilter& filter, Column column,
                               const StatusIds& status_ids) {
  const auto chunks = question.candidates(filter);
  std::vector<CountPart> parts(question.cores(chunks, filter));
  auto counted = question.for_each_chunk(
      chunks, parts.size(),
      [&](SqliteQuestion& asked, const Chunk& chunk, std::size_t worker) -> Result<bool> {
        CountPart& part = parts[worker];
        const auto columns = asked.matching_columns(chunk, filter, *part.selection);
        if (!columns) return fail(columns.error());
        if (*columns == nullptr) return true;
        part.matching.push_back(&chunk);
        auto done = tally_chunk(**columns, column, status_ids, *part.selection, part.tallies);
        if (!done) return fail(done.error());
        return true;
      });
  if (!counted) return fail(counted.error());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    auto merged = parts.front().merge(parts[i], question.reader().connection());
    if (!merged) return fail(merged.error());
  }
  return std::move(parts.front());
}

// The greatest, with their names. Of the names only those that can be in it are kept.
Result<std::vector<RankedGroup>> rank(SqliteQuestion& question, const Tallies& tallies,
                                      std::size_t limit) {
  const auto before = [](const RankedGroup& a, const RankedGroup& b) {
    const std::int64_t a_events = a.tally.events();
    const std::int64_t b_events = b.tally.events();
    return a_events != b_events ? a_events > b_events : a.name < b.name;
  };
  std::vector<RankedGroup> heap;  // the last of the answer is on top
  for (const auto& [id, tally] : tallies) {
    const bool full = heap.size() == limit;
    if (full && tally.events() < heap.front().tally.events()) continue;
    const auto name = question.reader().name_of(id);
    if (!name) return fail(name.error());
    RankedGroup group{.id = id, .name = std::string(*name), .tally = tally};
    if (full && !before(group, heap.front())) continue;
    if (full) {
      std::pop_heap(heap.begin(), heap.end(), before);
      heap.pop_back();
    }
    heap.push_back(std::move(group));
    std::push_heap(heap.begin(), heap.end(), before);
  }
  std::sort_heap(heap.begin(), heap.end(), before);
  return heap;
}

Result<void> time_groups(SqliteQuestion& question, const ChunkFilter& filter, Column column,
                         const std::vector<const Chunk*>& chunks,
                         std::vector<RankedGroup>& groups) {
  std::unordered_map<std::uint32_t, std::size_t> places;
  for (std::size_t i = 0; i < groups.size(); ++i) places.emplace(groups[i].id, i);
  auto timed = question.add_up<DurationPart>(
      chunks, question.cores(chunks, filter),
      [&](SqliteQuestion& asked, const Chunk& chunk, DurationPart& part) -> Result<bool> {
        auto columns = asked.columns(chunk);
        if (!columns) return fail(columns.error());
        if ((*columns)->bounds()[index_of(Column::duration_ms)].max <= 0) return true;
        columns = asked.matching_columns(chunk, filter, *part.selection);
        if (!columns) return fail(columns.error());
        if (*columns == nullptr) return true;
        part.durations.resize(groups.size());
        auto added = add_durations(**columns, column, *part.selection, places, part.durations);
        if (!added) return fail(added.error());
        return true;
      });
  if (!timed) return fail(timed.error());
  for (std::size_t i = 0; i < timed->durations.size(); ++i) {
    groups[i].durations = std::move(timed->durations[i]);
  }
  return {};
}

Group answer_of(RankedGroup group) {
  Group answer{.name = std::move(group.name),
               .events = group.tally.events(),
               .errors = group.tally.counts[GroupTally::error],
               .denied = group.tally.counts[GroupTally::denied],
               .pending = group.tally.counts[GroupTally::pending],
               .first = Timestamp::from_ns(group.tally.first_ns),
               .last = Timestamp::from_ns(group.tally.last_ns)};
  if (group.durations.count() > 0) {
    answer.duration = {.p50 = group.durations.quantile(50),
                       .p95 = group.durations.quantile(95),
                       .max = group.durations.max()};
  }
  return answer;
}

}  // namespace

Result<GroupsResult> sqlite_groups(SqliteReader& reader, const GroupsOpts& opts) {
  auto transaction = SqliteTransaction::begin_read(reader.connection());
  if (!transaction) return fail(transaction.error());
  const auto status_ids = StatusIds::read(reader);
  if (!status_ids) return fail(status_ids.error());
  auto question = SqliteQuestion::open(reader);
  if (!question) return fail(question.error());
  if (auto read = question->read_tail(); !read) return fail(read.error());
  const auto filter = filter_of(reader, opts);
  if (!filter) return fail(filter.error());

  const Column column = grouped_column(opts.by);
  const auto counted = count_groups(*question, *filter, column, *status_ids);
  if (!counted) return fail(counted.error());
  auto ranked = rank(*question, counted->tallies, static_cast<std::size_t>(opts.limit));
  if (!ranked) return fail(ranked.error());
  auto timed = time_groups(*question, *filter, column, counted->matching, *ranked);
  if (!timed) return fail(timed.error());

  GroupsResult result{.groups = {},
                      .total = static_cast<std::int64_t>(counted->tallies.size()),
                      .events = 0,
                      .limit = opts.limit};
  for (const auto& [id, tally] : counted->tallies) result.events += tally.events();
  for (RankedGroup& group : *ranked) result.groups.push_back(answer_of(std::move(group)));
  return result;
}

}  // namespace agentaudit
