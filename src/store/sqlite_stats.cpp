#include "store/sqlite_stats.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <unordered_map>

#include "store/sqlite_question.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

using Counts = std::unordered_map<std::int64_t, std::int64_t>;

constexpr std::uint64_t hour_ns = 3'600'000'000'000;

// From `from` to `to`, which is not before it. Unsigned, because the span of two
// timestamps may exceed int64.
std::uint64_t span_ns(Timestamp from, Timestamp to) {
  return static_cast<std::uint64_t>(to.ns()) - static_cast<std::uint64_t>(from.ns());
}

Result<std::vector<NameCount>> named(SqliteReader& reader, const Counts& counts) {
  std::vector<NameCount> named_counts;
  for (const auto& [id, count] : counts) {
    const auto name = reader.name_of(id);
    if (!name) return fail(name.error());
    named_counts.push_back({.name = std::string(*name), .count = count});
  }
  std::sort(named_counts.begin(), named_counts.end(), [](const NameCount& a, const NameCount& b) {
    return a.count != b.count ? a.count > b.count : a.name < b.name;
  });
  return named_counts;
}

constexpr std::array group_columns = {Column::category, Column::status, Column::agent,
                                      Column::source, Column::target};

// Adds up one chunk after another.
class StatsTally {
 public:
  StatsTally(SqliteQuestion& question, const ChunkFilter& filter)
      : question_(question), filter_(filter), selection_(std::make_unique<Selection>()) {}

  // Totals, groups and the last hour.
  Result<void> count(Timestamp now, Stats& stats) {
    // The hour is half open: (now - 1 h, now].
    ChunkFilter hour = filter_;
    hour.until = std::min(filter_.until, now);
    if (now.ns() >= std::numeric_limits<std::int64_t>::min() + static_cast<std::int64_t>(hour_ns)) {
      hour.since = std::max(filter_.since,
                            Timestamp::from_ns(now.ns() - static_cast<std::int64_t>(hour_ns) + 1));
    }
    for (const Chunk& chunk : question_.chunks()) {
      if (auto selected = select(chunk, filter_); !selected) return selected;
      if (selection_->kind == Selection::Kind::none) continue;
      stats.total += selection_->count;
      matching_.push_back(&chunk);
      for (std::size_t i = 0; i < group_columns.size(); ++i) {
        auto counted = count_values(chunk, group_columns[i], counts_[i]);
        if (!counted) return counted;
      }
      if (!chunk.overlaps(hour.since, hour.until) || hour.since > hour.until) continue;
      if (auto selected = select(chunk, hour); !selected) return selected;
      stats.events_last_hour += selection_->count;
    }
    return {};
  }

  // The least and the greatest timestamp: a chunk's bounds say how far it is worth looking.
  Result<void> find_bounds(Stats& stats) {
    std::sort(matching_.begin(), matching_.end(),
              [](const Chunk* a, const Chunk* b) { return a->min_timestamp < b->min_timestamp; });
    for (const Chunk* const chunk : matching_) {
      if (stats.first && chunk->min_timestamp >= *stats.first) break;
      if (auto widened = widen(*chunk, stats); !widened) return widened;
    }
    std::sort(matching_.begin(), matching_.end(),
              [](const Chunk* a, const Chunk* b) { return a->max_timestamp > b->max_timestamp; });
    for (const Chunk* const chunk : matching_) {
      if (stats.last && chunk->max_timestamp <= *stats.last) break;
      if (auto widened = widen(*chunk, stats); !widened) return widened;
    }
    return {};
  }

  Result<void> fill_histogram(const StatusIds& statuses, std::uint64_t step_ns, Stats& stats) {
    const auto bucket_of = [&](Timestamp timestamp) -> std::size_t {
      if (timestamp <= *stats.first) return 0;
      const std::uint64_t step = span_ns(*stats.first, timestamp) / step_ns;
      return static_cast<std::size_t>(std::min<std::uint64_t>(step, stats.histogram.size() - 1));
    };
    for (const Chunk* const chunk : matching_) {
      if (auto selected = select(*chunk, filter_); !selected) return selected;
      const std::size_t bucket = bucket_of(chunk->min_timestamp);
      auto filled = bucket == bucket_of(chunk->max_timestamp)
                        ? fill_one(*chunk, statuses, stats.histogram[bucket])
                        : fill_each(*chunk, statuses, bucket_of, stats.histogram);
      if (!filled) return filled;
    }
    return {};
  }

  [[nodiscard]] const Counts& counts(std::size_t group) const { return counts_[group]; }

 private:
  Result<void> select(const Chunk& chunk, const ChunkFilter& filter) {
    const auto selected = question_.select(chunk, filter, true, {}, *selection_);
    if (!selected) return fail(selected.error());
    return {};
  }

  // How often each value of the column is selected.
  Result<void> count_values(const Chunk& chunk, Column column, Counts& counts) {
    auto columns = question_.columns(chunk);
    if (!columns) return fail(columns.error());
    const auto dictionary = (*columns)->dictionary(column);
    if (!dictionary) return fail(dictionary.error());
    if (dictionary->size() == 1) {
      counts[dictionary->front().value] += selection_->count;
      return {};
    }
    if (selection_->kind == Selection::Kind::all && (*columns)->deleted() == nullptr) {
      for (const DictionaryEntry& entry : *dictionary) counts[entry.value] += entry.count;
      return {};
    }
    const auto codes = (*columns)->codes(column);
    if (!codes) return fail(codes.error());
    if (selection_->kind == Selection::Kind::all) {
      spell_out(**columns, *selection_);
      selection_->kind = Selection::Kind::some;
    }
    by_code_.assign(dictionary->size(), 0);
    for (std::size_t p = 0; p < codes->size(); ++p) by_code_[(*codes)[p]] += selection_->on[p];
    for (std::size_t i = 0; i < dictionary->size(); ++i) {
      if (by_code_[i] > 0) counts[(*dictionary)[i].value] += by_code_[i];
    }
    return {};
  }

  Result<void> widen(const Chunk& chunk, Stats& stats) {
    if (auto selected = select(chunk, filter_); !selected) return selected;
    auto columns = question_.columns(chunk);
    if (!columns) return fail(columns.error());
    if (selection_->kind == Selection::Kind::all) spell_out(**columns, *selection_);
    const auto timestamps = (*columns)->numbers(Column::timestamp);
    if (!timestamps) return fail(timestamps.error());
    for (std::size_t p = 0; p < timestamps->size(); ++p) {
      if (selection_->on[p] == 0) continue;
      const Timestamp timestamp = Timestamp::from_ns((*timestamps)[p]);
      stats.first = std::min(stats.first.value_or(timestamp), timestamp);
      stats.last = std::max(stats.last.value_or(timestamp), timestamp);
    }
    return {};
  }

  // All of the chunk's events fall into the bucket.
  Result<void> fill_one(const Chunk& chunk, const StatusIds& statuses, HistogramBucket& bucket) {
    bucket.total += selection_->count;
    Counts counts;
    if (auto counted = count_values(chunk, Column::status, counts); !counted) return counted;
    for (const auto& [status, count] : counts) {
      if (status == statuses.error) bucket.errors += count;
      if (status == statuses.denied) bucket.denied += count;
    }
    return {};
  }

  template <typename BucketOf>
  Result<void> fill_each(const Chunk& chunk, const StatusIds& statuses, const BucketOf& bucket_of,
                         std::vector<HistogramBucket>& histogram) {
    auto columns = question_.columns(chunk);
    if (!columns) return fail(columns.error());
    if (selection_->kind == Selection::Kind::all) spell_out(**columns, *selection_);
    const auto timestamps = (*columns)->numbers(Column::timestamp);
    if (!timestamps) return fail(timestamps.error());
    const auto dictionary = (*columns)->dictionary(Column::status);
    if (!dictionary) return fail(dictionary.error());
    const auto codes = (*columns)->codes(Column::status);
    if (!codes) return fail(codes.error());
    for (std::size_t p = 0; p < timestamps->size(); ++p) {
      if (selection_->on[p] == 0) continue;
      HistogramBucket& bucket = histogram[bucket_of(Timestamp::from_ns((*timestamps)[p]))];
      const std::int64_t status = (*dictionary)[(*codes)[p]].value;
      ++bucket.total;
      if (status == statuses.error) ++bucket.errors;
      if (status == statuses.denied) ++bucket.denied;
    }
    return {};
  }

  SqliteQuestion& question_;
  const ChunkFilter& filter_;
  std::unique_ptr<Selection> selection_;
  std::vector<const Chunk*> matching_;
  std::array<Counts, group_columns.size()> counts_;
  std::vector<std::int64_t> by_code_;
};

// Equal steps over [first, last]. Whole nanoseconds, so the last may be a little
// longer than the span.
std::vector<HistogramBucket> empty_histogram(const Stats& stats, int buckets,
                                             std::uint64_t& step_ns) {
  std::vector<HistogramBucket> histogram;
  if (buckets == 0 || !stats.first) return histogram;
  const auto first = static_cast<std::uint64_t>(stats.first->ns());
  const std::uint64_t span = span_ns(*stats.first, *stats.last);
  step_ns = span / static_cast<std::uint64_t>(buckets);
  if (step_ns < std::numeric_limits<std::uint64_t>::max()) ++step_ns;
  for (int i = 0; i < buckets; ++i) {
    const std::uint64_t offset = step_ns * static_cast<std::uint64_t>(i);
    if (offset > span) break;
    histogram.push_back({.start = Timestamp::from_ns(static_cast<std::int64_t>(first + offset))});
  }
  return histogram;
}

}  // namespace

Result<Stats> sqlite_stats(SqliteReader& reader, const StatsOpts& opts) {
  auto transaction = SqliteTransaction::begin_read(reader.connection());
  if (!transaction) return fail(transaction.error());
  auto question = SqliteQuestion::open(reader);
  if (!question) return fail(question.error());
  if (auto read = question->read_tail(); !read) return fail(read.error());
  const auto filter = filter_of(reader, opts);
  if (!filter) return fail(filter.error());

  Stats stats;
  StatsTally tally(*question, *filter);
  const Timestamp now = opts.now.value_or(Timestamp::now());
  if (auto counted = tally.count(now, stats); !counted) return fail(counted.error());
  if (auto found = tally.find_bounds(stats); !found) return fail(found.error());
  std::uint64_t step_ns = 1;
  stats.histogram = empty_histogram(stats, opts.histogram_buckets, step_ns);
  if (!stats.histogram.empty()) {
    const auto statuses = StatusIds::read(reader);
    if (!statuses) return fail(statuses.error());
    if (auto filled = tally.fill_histogram(*statuses, step_ns, stats); !filled) {
      return fail(filled.error());
    }
  }

  const std::array lists = {&stats.by_category, &stats.by_status, &stats.by_agent, &stats.by_source,
                            &stats.by_target};
  for (std::size_t i = 0; i < lists.size(); ++i) {
    auto counts = named(reader, tally.counts(i));
    if (!counts) return fail(counts.error());
    *lists[i] = std::move(*counts);
  }
  return stats;
}

}  // namespace agentaudit
