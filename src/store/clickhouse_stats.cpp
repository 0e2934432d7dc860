// Statistics of the trails of a fleet.
#include <array>
#include <utility>

#include "store/clickhouse_questions.h"
#include "store/clickhouse_sql.h"
#include "store/histogram_steps.h"
#include "store/last_hour.h"
#include "store/row_binary.h"
#include "store/sql_columns.h"

namespace agentaudit {
namespace {

using clickhouse_sql::int64;
using clickhouse_sql::status_counts;
using clickhouse_sql::where_of;
using clickhouse_sql::where_trail;

// As ClickhouseSums has their columns.
constexpr std::array<std::vector<NameCount> Stats::*, ClickhouseSums::columns.size()> lists = {
    &Stats::by_category, &Stats::by_status, &Stats::by_agent, &Stats::by_source, &Stats::by_target};

}  // namespace

Result<std::vector<NameCount>> ClickhouseQuestion::counts(std::string_view column,
                                                          const std::string& where) const {
  const std::string name(column);
  const auto answer = ask("SELECT " + name + ", toInt64(count()) AS n" + from("events") +
                          " WHERE " + where + " GROUP BY " + name + " ORDER BY n DESC, " + name);
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

Result<Stats> ClickhouseQuestion::stats(const StatsOpts& opts) {
  const std::string where = where_of(trails_, opts).text();
  const auto known = sums(where, ClickhouseSums::Of::names);
  if (!known) return fail(known.error());
  auto stats = *known ? stats_of(**known, opts) : read_stats(where, opts);
  if (!stats || stats->total == 0 || opts.histogram_buckets == 0) return stats;
  if (auto added = add_histogram(where, opts, *stats); !added) return fail(added.error());
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
  const Timestamp now = opts.now.value_or(Timestamp::now());
  if (sums.last < last_hour(now)) return stats;
  SqlWhere where = where_trail(trails_);
  where.within(last_hour(now), now);
  const auto recent = count("count()", where.text());
  if (!recent) return fail(recent.error());
  stats.events_last_hour = *recent;
  return stats;
}

Result<Stats> ClickhouseQuestion::read_stats(const std::string& where,
                                             const StatsOpts& opts) const {
  const Timestamp now = opts.now.value_or(Timestamp::now());
  const auto answer =
      ask("SELECT toInt64(count()), toInt64(countIf(timestamp >= " + int64(last_hour(now).ns()) +
          " AND timestamp <= " + int64(now.ns()) + ")), min(timestamp), max(timestamp)" +
          from("events") + " WHERE " + where);
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

Result<void> ClickhouseQuestion::add_histogram(const std::string& where, const StatsOpts& opts,
                                               Stats& stats) const {
  const HistogramSteps cut(*stats.first, *stats.last, opts.histogram_buckets);
  stats.histogram.resize(cut.buckets());
  for (std::size_t i = 0; i < stats.histogram.size(); ++i) {
    stats.histogram[i].start = cut.start_of(i);
  }
  const auto steps =
      ask("SELECT least(toUInt64(intDiv(toUInt64(timestamp - " + int64(stats.first->ns()) +
          "), toUInt64(" + std::to_string(cut.step_ns()) + "))), toUInt64(" +
          std::to_string(cut.buckets() - 1) + ")) AS b, " + std::string(status_counts) +
          from("events") + " WHERE " + where + " GROUP BY b");
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
