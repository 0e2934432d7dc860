// Statistics of the trails of a fleet.
#include <array>
#include <optional>
#include <utility>

#include "agentaudit/core/names.h"
#include "store/clickhouse_questions.h"
#include "store/clickhouse_sql.h"
#include "store/histogram_steps.h"
#include "store/last_hour.h"
#include "store/row_binary.h"
#include "store/sql_columns.h"

namespace agentaudit {
namespace {

using clickhouse_sql::cell_columns;
using clickhouse_sql::cell_keys;
using clickhouse_sql::int64;
using clickhouse_sql::read_cell;
using clickhouse_sql::status_counts;
using clickhouse_sql::where_of;

// As ClickhouseSums has their columns.
constexpr std::array<std::vector<NameCount> Stats::*, ClickhouseSums::columns.size()> lists = {
    &Stats::by_category, &Stats::by_status, &Stats::by_agent, &Stats::by_source, &Stats::by_target};

void add(HistogramBucket& bucket, std::string_view name, std::int64_t events) {
  bucket.total += events;
  if (name == status::error) bucket.errors += events;
  if (name == status::denied) bucket.denied += events;
  if (name == status::pending) bucket.pending += events;
}

}  // namespace

Result<std::vector<NameCount>> ClickhouseQuestion::counts(std::string_view column,
                                                          const SqlWhere& where) const {
  const std::string name(column);
  const auto answer = ask("SELECT " + name + ", toInt64(count()) AS n" + from_events(where) +
                          " GROUP BY " + name + " ORDER BY n DESC, " + name);
  if (!answer) return fail(answer.error());
  std::vector<NameCount> counts;
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    NameCount count;
    count.name = rows.text();
    count.count = rows.number();
    counts.push_back(std::move(count));
  }
  if (!rows.ok()) return fail(client_.unreadable());
  return counts;
}

Result<std::optional<ClickhouseSlice>> ClickhouseQuestion::slice(
    ClickhouseCube::Filter filter, const ClickhouseCube::Window& window,
    const SqlWhere& where) const {
  std::optional<ClickhouseSlice> none;
  if (!known_.cubes) return none;
  auto cubes = known_.cubes();
  if (!cubes) return fail(cubes.error());
  if (!*cubes) return none;
  ClickhouseSlice slice(std::move(**cubes), std::move(filter), window);
  if (auto read = read_edges(where, slice); !read) return fail(read.error());
  return std::optional(std::move(slice));
}

Result<void> ClickhouseQuestion::read_edges(SqlWhere where, ClickhouseSlice& slice) const {
  if (slice.edges().empty()) return {};
  std::string edges;
  for (const ClickhouseSlice::Window& edge : slice.edges()) {
    edges += (edges.empty() ? "" : " OR ") + ("timestamp BETWEEN " + int64(edge.first_ns)) +
             " AND " + int64(edge.last_ns);
  }
  where.add_time('(' + edges + ')');
  const auto answer = ask("SELECT " + std::string(cell_columns) + from_events(where) +
                          " GROUP BY " + std::string(cell_keys));
  if (!answer) return fail(answer.error());
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) read_cell(rows, slice.edge());
  if (!rows.ok()) return fail(client_.unreadable());
  return {};
}

Result<Stats> ClickhouseQuestion::stats(const StatsOpts& opts) {
  const SqlWhere where = where_of(trails_, opts);
  const auto all = sums(where, ClickhouseSums::Of::names);
  if (!all) return fail(all.error());
  const bool has_histogram = opts.histogram_buckets != 0;
  std::optional<ClickhouseSlice> part;
  if (has_histogram || !*all) {
    auto found = slice(opts, where);
    if (!found) return fail(found.error());
    part = std::move(*found);
  }
  auto stats = *all   ? stats_of(**all, opts)
               : part ? stats_of(part->sums(), opts)
                      : read_stats(where, opts);
  if (!stats || stats->total == 0 || !has_histogram) return stats;
  const auto cut = HistogramSteps::in_hours(*stats->first, *stats->last, opts.histogram_buckets);
  stats->histogram.resize(cut.buckets());
  for (std::size_t i = 0; i < cut.buckets(); ++i) stats->histogram[i].start = cut.start_of(i);
  if (part && cut.is_in_hours()) {
    part->for_each([&](std::string_view status, const ClickhouseCube::Cell& cell) {
      add(stats->histogram[cut.bucket_of(cell.first_ns)], status, cell.events);
    });
  } else if (auto read = read_histogram(where, cut, *stats); !read) {
    return fail(read.error());
  }
  return stats;
}

Result<Stats> ClickhouseQuestion::stats_of(const ClickhouseSums& sums,
                                           const StatsOpts& opts) const {
  Stats stats;
  stats.total = sums.events;
  if (stats.total == 0) return stats;
  stats.first = sums.first;
  stats.last = sums.last;
  for (std::size_t i = 0; i < lists.size(); ++i) stats.*lists[i] = sorted_counts(sums.names[i]);
  const auto recent = count_recent(opts, stats);
  if (!recent) return fail(recent.error());
  stats.events_last_hour = *recent;
  return stats;
}

// Of the last hour, where events can be in it.
Result<std::int64_t> ClickhouseQuestion::count_recent(const StatsOpts& opts,
                                                      const Stats& stats) const {
  const Timestamp now = opts.now.value_or(Timestamp::now());
  if (*stats.last < last_hour(now) || *stats.first > now) return 0;
  SqlWhere where = where_of(trails_, opts);
  where.within(last_hour(now), now);
  return count("count()", where);
}

Result<Stats> ClickhouseQuestion::read_stats(const SqlWhere& where, const StatsOpts& opts) const {
  const Timestamp now = opts.now.value_or(Timestamp::now());
  const auto answer =
      ask("SELECT toInt64(count()), toInt64(countIf(timestamp >= " + int64(last_hour(now).ns()) +
          " AND timestamp <= " + int64(now.ns()) + ")), min(timestamp), max(timestamp)" +
          from_events(where));
  if (!answer) return fail(answer.error());
  Stats stats;
  RowBinaryReader rows(*answer);
  if (rows.at_end()) return stats;
  stats.total = rows.number();
  stats.events_last_hour = rows.number();
  const std::int64_t first = rows.number();
  const std::int64_t last = rows.number();
  if (!rows.ok()) return fail(client_.unreadable());
  if (stats.total == 0) return stats;
  stats.first = Timestamp::from_ns(first);
  stats.last = Timestamp::from_ns(last);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    auto counted = counts(ClickhouseSums::columns[i], where);
    if (!counted) return fail(counted.error());
    stats.*lists[i] = std::move(*counted);
  }
  return stats;
}

// Into the buckets, whose starts are set.
Result<void> ClickhouseQuestion::read_histogram(const SqlWhere& where, const HistogramSteps& cut,
                                                Stats& stats) const {
  const auto steps =
      ask("SELECT least(toUInt64(intDiv(toUInt64(timestamp - " + int64(cut.start_of(0).ns()) +
          "), toUInt64(" + std::to_string(cut.step_ns()) + "))), toUInt64(" +
          std::to_string(cut.buckets() - 1) + ")) AS b, " + std::string(status_counts) +
          from_events(where) + " GROUP BY b");
  if (!steps) return fail(steps.error());
  RowBinaryReader buckets(*steps);
  while (!buckets.at_end()) {
    const std::uint64_t i = buckets.unsigned_number();
    HistogramBucket bucket;
    sql_columns::read_status_counts(buckets, bucket.total, bucket);
    if (i >= stats.histogram.size()) continue;
    bucket.start = stats.histogram[i].start;
    stats.histogram[i] = bucket;
  }
  if (!buckets.ok()) return fail(client_.unreadable());
  return {};
}

}  // namespace agentaudit
