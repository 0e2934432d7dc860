#include "store/sqlite_stats.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "store/sqlite_filter.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

using sqlite_schema::NameKind;
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

SqliteFilter stats_filter(const StatsOpts& opts) {
  SqliteFilter filter(1);
  filter.since(opts.since);
  filter.until(opts.until);
  filter.names_except(NameKind::source, opts.exclude_sources);
  return filter;
}

Result<void> read_bounds(SqliteReader& reader, const SqliteFilter& filter, Stats& stats) {
  auto statement = reader.connection().prepare(
      "SELECT count(*), min(timestamp), max(timestamp) FROM events WHERE " + filter.sql());
  if (!statement) return fail(statement.error());
  filter.bind(*statement);
  const auto row = statement->step();
  if (!row) return fail(row.error());
  stats.total = statement->integer(0);
  if (stats.total == 0) return {};
  stats.first = Timestamp::from_ns(statement->integer(1));
  stats.last = Timestamp::from_ns(statement->integer(2));
  return {};
}

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
  const auto status_ids = StatusIds::read(reader);
  if (!status_ids) return fail(status_ids.error());

  Stats stats;
  const SqliteFilter filter = stats_filter(opts);
  if (auto bounds = read_bounds(reader, filter, stats); !bounds) return fail(bounds.error());
  std::uint64_t step_ns = 1;
  stats.histogram = empty_histogram(stats, opts.histogram_buckets, step_ns);

  const Timestamp now = opts.now.value_or(Timestamp::now());
  std::array<Counts, 5> counts_by_column;  // category, status, agent, source, target
  auto statement = reader.connection().prepare(
      "SELECT timestamp, category, status, agent, source, target FROM events WHERE " +
      filter.sql());
  if (!statement) return fail(statement.error());
  filter.bind(*statement);
  auto scanned = for_each_row(*statement, [&](const SqliteStatement& row) -> Result<void> {
    const Timestamp timestamp = Timestamp::from_ns(row.integer(0));
    if (timestamp <= now && span_ns(timestamp, now) < hour_ns) ++stats.events_last_hour;
    for (std::size_t i = 0; i < counts_by_column.size(); ++i) {
      ++counts_by_column[i][row.integer(static_cast<int>(i) + 1)];
    }
    if (!stats.histogram.empty()) {
      const auto step = static_cast<std::size_t>(span_ns(*stats.first, timestamp) / step_ns);
      HistogramBucket& bucket = stats.histogram[std::min(step, stats.histogram.size() - 1)];
      ++bucket.total;
      if (row.integer(2) == status_ids->error) ++bucket.errors;
      if (row.integer(2) == status_ids->denied) ++bucket.denied;
    }
    return {};
  });
  if (!scanned) return fail(scanned.error());

  const std::array lists = {&stats.by_category, &stats.by_status, &stats.by_agent, &stats.by_source,
                            &stats.by_target};
  for (std::size_t i = 0; i < lists.size(); ++i) {
    auto counts = named(reader, counts_by_column[i]);
    if (!counts) return fail(counts.error());
    *lists[i] = std::move(*counts);
  }
  return stats;
}

}  // namespace agentaudit
