#include "store/sqlite_stats.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <numeric>
#include <unordered_map>

#include "store/code_counts.h"
#include "store/histogram_steps.h"
#include "store/name_counts.h"
#include "store/sqlite_question.h"
#include "store/sqlite_scan.h"
#include "store/stepwise_sort.h"

namespace agentaudit {
namespace {

using Counts = std::unordered_map<std::int64_t, std::int64_t>;

constexpr std::uint64_t hour_ns = 3'600'000'000'000;

Result<std::vector<NameCount>> named(SqliteReader& reader, const Counts& counts) {
  std::vector<NameCount> named_counts;
  for (const auto& [id, count] : counts) {
    const auto name = reader.name_of(id);
    if (!name) return fail(name.error());
    named_counts.push_back({.name = std::string(*name), .count = count});
  }
  auto sorted =
      stepwise_sort(named_counts, counts_more, [&] { return reader.connection().within_limits(); });
  if (!sorted) return fail(sorted.error());
  return named_counts;
}

constexpr std::array group_columns = {Column::category, Column::status, Column::agent,
                                      Column::source, Column::target};

// What a status counts as in a histogram.
constexpr std::size_t status_classes = 4;
constexpr std::uint8_t other_class = 0;
constexpr std::uint8_t error_class = 1;
constexpr std::uint8_t denied_class = 2;
constexpr std::uint8_t pending_class = 3;

// Totals, groups and the last hour, as one thread adds them up.
class StatsPart {
 public:
  Result<void> count(SqliteQuestion& question, const Chunk& chunk, const ChunkFilter& filter,
                     const ChunkFilter& hour) {
    if (auto selected = select(question, chunk, filter); !selected) return selected;
    if (selection_->kind == Selection::Kind::none) return {};
    total_ += selection_->count;
    matching_.push_back(&chunk);
    if (auto counted = count_groups(question, chunk); !counted) return counted;
    if (!chunk.overlaps(hour.since, hour.until) || hour.since > hour.until) return {};
    if (auto selected = select(question, chunk, hour); !selected) return selected;
    in_hour_ += selection_->count;
    return {};
  }

  void merge(const StatsPart& other) {
    total_ += other.total_;
    in_hour_ += other.in_hour_;
    matching_.insert(matching_.end(), other.matching_.begin(), other.matching_.end());
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      for (const auto& [id, count] : other.counts_[i]) counts_[i][id] += count;
    }
  }

  [[nodiscard]] std::int64_t total() const { return total_; }
  [[nodiscard]] std::int64_t in_hour() const { return in_hour_; }
  // The chunks in which something matches.
  [[nodiscard]] const std::vector<const Chunk*>& matching() const { return matching_; }
  [[nodiscard]] const Counts& counts(std::size_t group) const { return counts_[group]; }

 private:
  Result<void> select(SqliteQuestion& question, const Chunk& chunk, const ChunkFilter& filter) {
    const auto selected = question.select(chunk, filter, true, {}, *selection_);
    if (!selected) return fail(selected.error());
    return {};
  }

  // How often each value of each group's column is selected.
  Result<void> count_groups(SqliteQuestion& question, const Chunk& chunk) {
    auto columns = question.columns(chunk);
    if (!columns) return fail(columns.error());
    const bool whole = selection_->kind == Selection::Kind::all && (*columns)->deleted() == nullptr;
    std::array<std::vector<std::int64_t>, group_columns.size()> by_code;
    std::vector<CountedColumn> counted;
    for (std::size_t i = 0; i < group_columns.size(); ++i) {
      const auto dictionary = (*columns)->dictionary(group_columns[i]);
      if (!dictionary) return fail(dictionary.error());
      if (dictionary->size() == 1) {
        counts_[i][dictionary->front().value] += selection_->count;
      } else if (whole) {
        for (const DictionaryEntry& entry : *dictionary) counts_[i][entry.value] += entry.count;
      } else {
        const auto codes = (*columns)->codes(group_columns[i]);
        if (!codes) return fail(codes.error());
        by_code[i].resize(dictionary->size());
        counted.push_back({.codes = *codes, .counts = by_code[i]});
      }
    }
    if (counted.empty()) return {};
    if (selection_->kind == Selection::Kind::all) spell_out(**columns, *selection_);
    count_columns(counted, std::span(selection_->on).first((*columns)->positions()));
    for (std::size_t i = 0; i < group_columns.size(); ++i) {
      const auto dictionary = (*columns)->dictionary(group_columns[i]);
      if (!dictionary) return fail(dictionary.error());
      for (std::size_t code = 0; code < by_code[i].size(); ++code) {
        if (by_code[i][code] > 0) counts_[i][(*dictionary)[code].value] += by_code[i][code];
      }
    }
    return {};
  }

  std::unique_ptr<Selection> selection_ = std::make_unique<Selection>();
  std::int64_t total_ = 0;
  std::int64_t in_hour_ = 0;
  std::vector<const Chunk*> matching_;
  std::array<Counts, group_columns.size()> counts_;
};

// A histogram, as one thread fills it.
class HistogramPart {
 public:
  Result<void> fill(SqliteQuestion& question, const Chunk& chunk, const ChunkFilter& filter,
                    const StatusIds& statuses, const HistogramSteps& steps) {
    buckets_.resize(steps.buckets());
    const auto selected = question.select(chunk, filter, true, {}, *selection_);
    if (!selected) return fail(selected.error());
    if (selection_->kind == Selection::Kind::none) return {};
    auto columns = question.columns(chunk);
    if (!columns) return fail(columns.error());
    const std::size_t first = steps.bucket_of(chunk.min_timestamp.ns());
    const std::size_t last = steps.bucket_of(chunk.max_timestamp.ns());
    const std::span buckets(&buckets_[first], last - first + 1);
    if (selection_->kind == Selection::Kind::all) {
      const bool whole = (*columns)->deleted() == nullptr;
      if (whole && buckets.size() == 1) return fill_one(**columns, statuses, buckets.front());
      spell_out(**columns, *selection_);
    }
    return buckets.size() * status_classes <= byte_codes_max
               ? fill_each<std::uint8_t>(**columns, statuses, steps, first, buckets)
               : fill_each<std::uint16_t>(**columns, statuses, steps, first, buckets);
  }

  void merge(const HistogramPart& other) {
    buckets_.resize(std::max(buckets_.size(), other.buckets_.size()));
    for (std::size_t i = 0; i < other.buckets_.size(); ++i) {
      buckets_[i].total += other.buckets_[i].total;
      buckets_[i].errors += other.buckets_[i].errors;
      buckets_[i].denied += other.buckets_[i].denied;
      buckets_[i].pending += other.buckets_[i].pending;
    }
  }

  // Their starts are not set.
  [[nodiscard]] const std::vector<HistogramBucket>& buckets() const { return buckets_; }

 private:
  // All of the chunk's events fall into the bucket, and all of them match.
  static Result<void> fill_one(ChunkColumns& columns, const StatusIds& statuses,
                               HistogramBucket& bucket) {
    const auto dictionary = columns.dictionary(Column::status);
    if (!dictionary) return fail(dictionary.error());
    for (const DictionaryEntry& entry : *dictionary) {
      bucket.total += entry.count;
      if (entry.value == statuses.error) bucket.errors += entry.count;
      if (entry.value == statuses.denied) bucket.denied += entry.count;
      if (entry.value == statuses.pending) bucket.pending += entry.count;
    }
    return {};
  }

  // `first` is the number of the first bucket. A bucket and what a status counts as make a
  // code, and codes are counted.
  template <typename Code>
  Result<void> fill_each(ChunkColumns& columns, const StatusIds& statuses,
                         const HistogramSteps& steps, std::size_t first,
                         std::span<HistogramBucket> buckets) {
    const auto dictionary = columns.dictionary(Column::status);
    if (!dictionary) return fail(dictionary.error());
    const auto codes = columns.codes(Column::status);
    if (!codes) return fail(codes.error());
    std::vector<Code> cells(columns.positions());
    if (buckets.size() > 1) {
      const auto timestamps = columns.numbers(Column::timestamp);
      if (!timestamps) return fail(timestamps.error());
      steps.places_of(*timestamps, first, buckets.size(), std::span(cells));
    }
    std::vector<Code> class_of;
    for (const DictionaryEntry& entry : *dictionary) {
      class_of.push_back(entry.value == statuses.error     ? error_class
                         : entry.value == statuses.denied  ? denied_class
                         : entry.value == statuses.pending ? pending_class
                                                           : other_class);
    }
    codes->visit([&](auto status_codes) {
      for (std::size_t p = 0; p < cells.size(); ++p) {
        cells[p] = static_cast<Code>(cells[p] * status_classes + class_of[status_codes[p]]);
      }
    });
    std::vector<std::int64_t> counts(buckets.size() * status_classes);
    count_codes(Codes(cells), std::span(selection_->on).first(cells.size()), counts);
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const std::int64_t* const of_bucket = &counts[i * status_classes];
      buckets[i].total += std::accumulate(of_bucket, of_bucket + status_classes, std::int64_t{0});
      buckets[i].errors += of_bucket[error_class];
      buckets[i].denied += of_bucket[denied_class];
      buckets[i].pending += of_bucket[pending_class];
    }
    return {};
  }

  std::unique_ptr<Selection> selection_ = std::make_unique<Selection>();
  std::vector<HistogramBucket> buckets_;
};

// The least and the greatest timestamp: a chunk's bounds say how far it is worth looking.
class BoundsSearch {
 public:
  BoundsSearch(SqliteQuestion& question, const ChunkFilter& filter, Stats& stats)
      : question_(question), filter_(filter), stats_(stats) {}

  Result<void> run(std::vector<const Chunk*> chunks) {
    std::sort(chunks.begin(), chunks.end(),
              [](const Chunk* a, const Chunk* b) { return a->min_timestamp < b->min_timestamp; });
    for (const Chunk* const chunk : chunks) {
      if (stats_.first && chunk->min_timestamp >= *stats_.first) break;
      if (auto widened = widen(*chunk); !widened) return widened;
    }
    std::sort(chunks.begin(), chunks.end(),
              [](const Chunk* a, const Chunk* b) { return a->max_timestamp > b->max_timestamp; });
    for (const Chunk* const chunk : chunks) {
      if (stats_.last && chunk->max_timestamp <= *stats_.last) break;
      if (auto widened = widen(*chunk); !widened) return widened;
    }
    return {};
  }

 private:
  Result<void> widen(const Chunk& chunk) {
    const auto columns = question_.matching_columns(chunk, filter_, *selection_);
    if (!columns) return fail(columns.error());
    if (*columns == nullptr) return {};
    const auto timestamps = (*columns)->numbers(Column::timestamp);
    if (!timestamps) return fail(timestamps.error());
    for (std::size_t p = 0; p < timestamps->size(); ++p) {
      if (selection_->on[p] == 0) continue;
      const Timestamp timestamp = Timestamp::from_ns((*timestamps)[p]);
      stats_.first = std::min(stats_.first.value_or(timestamp), timestamp);
      stats_.last = std::max(stats_.last.value_or(timestamp), timestamp);
    }
    return {};
  }

  SqliteQuestion& question_;
  const ChunkFilter& filter_;
  Stats& stats_;
  std::unique_ptr<Selection> selection_ = std::make_unique<Selection>();
};

// The filter for (now - 1 h, now].
ChunkFilter last_hour_of(const ChunkFilter& filter, Timestamp now) {
  ChunkFilter hour = filter;
  hour.until = std::min(filter.until, now);
  if (now.ns() >= std::numeric_limits<std::int64_t>::min() + static_cast<std::int64_t>(hour_ns)) {
    hour.since = std::max(filter.since,
                          Timestamp::from_ns(now.ns() - static_cast<std::int64_t>(hour_ns) + 1));
  }
  return hour;
}

Result<StatsPart> count_all(SqliteQuestion& question, const ChunkFilter& filter, Timestamp now) {
  const ChunkFilter hour = last_hour_of(filter, now);
  const auto chunks = question.candidates(filter);
  return question.add_up<StatsPart>(
      chunks, question.cores(chunks, filter),
      [&](SqliteQuestion& asked, const Chunk& chunk, StatsPart& part) -> Result<bool> {
        if (auto counted = part.count(asked, chunk, filter, hour); !counted) {
          return fail(counted.error());
        }
        return true;
      });
}

Result<std::vector<HistogramBucket>> fill_histogram(SqliteQuestion& question,
                                                    const ChunkFilter& filter,
                                                    const std::vector<const Chunk*>& chunks,
                                                    const HistogramSteps& steps) {
  const auto statuses = StatusIds::read(question.reader());
  if (!statuses) return fail(statuses.error());
  auto filled = question.add_up<HistogramPart>(
      chunks, question.cores(chunks, filter),
      [&](SqliteQuestion& asked, const Chunk& chunk, HistogramPart& part) -> Result<bool> {
        if (auto done = part.fill(asked, chunk, filter, *statuses, steps); !done) {
          return fail(done.error());
        }
        return true;
      });
  if (!filled) return fail(filled.error());
  std::vector<HistogramBucket> histogram = filled->buckets();
  for (std::size_t i = 0; i < histogram.size(); ++i) histogram[i].start = steps.start_of(i);
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
  const auto counted = count_all(*question, *filter, opts.now.value_or(Timestamp::now()));
  if (!counted) return fail(counted.error());
  stats.total = counted->total();
  stats.events_last_hour = counted->in_hour();
  auto found = BoundsSearch(*question, *filter, stats).run(counted->matching());
  if (!found) return fail(found.error());
  if (opts.histogram_buckets > 0 && stats.first) {
    auto histogram =
        fill_histogram(*question, *filter, counted->matching(),
                       HistogramSteps(*stats.first, *stats.last, opts.histogram_buckets));
    if (!histogram) return fail(histogram.error());
    stats.histogram = std::move(*histogram);
  }

  const std::array lists = {&stats.by_category, &stats.by_status, &stats.by_agent, &stats.by_source,
                            &stats.by_target};
  for (std::size_t i = 0; i < lists.size(); ++i) {
    auto counts = named(reader, counted->counts(i));
    if (!counts) return fail(counts.error());
    *lists[i] = std::move(*counts);
  }
  return stats;
}

}  // namespace agentaudit
