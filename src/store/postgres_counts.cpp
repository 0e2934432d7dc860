#include "store/postgres_counts.h"

#include <limits>

#include "store/postgres_sql.h"

namespace agentaudit {
namespace {

using postgres_sql::int64;

// A period of a level is 32 of the level below; those of level 0 are hours.
constexpr int levels = 3;
constexpr int shift = 5;
constexpr std::int64_t fan_out = std::int64_t{1} << shift;
constexpr std::int64_t hour_ns = 3'600'000'000'000;
// Beyond the hours of all times; whole periods of the last level.
constexpr std::int64_t hours_max = std::int64_t{1} << 22;

constexpr std::string_view series_columns = "category, status, agent, source, target";

// The hour since 1970 that a time is in; of earlier ones it is negative.
std::int64_t hour_of(std::int64_t ns) { return ns / hour_ns - (ns % hour_ns < 0 ? 1 : 0); }

constexpr std::int64_t ns_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t ns_max = std::numeric_limits<std::int64_t>::max();

// The hours at both ends of time are not whole.
std::int64_t first_ns_of(std::int64_t hour) {
  return hour <= hour_of(ns_min) ? ns_min : hour * hour_ns;
}
std::int64_t last_ns_of(std::int64_t hour) {
  return hour >= hour_of(ns_max) ? ns_max : (hour + 1) * hour_ns - 1;
}

constexpr std::string_view hour_sql =
    "(timestamp / 3600000000000 - (timestamp % 3600000000000 < 0)::int)::int";

// A statement that adds the rows (hour, key, n) of `from` to the counts of a table.
std::string summed_up(const std::string& key, const std::string& from, const std::string& table) {
  return "INSERT INTO " + table + " SELECT level, hour >> (" + std::to_string(shift) +
         " * level), " + key + ", sum(n) FROM " + from + ", generate_series(0, " +
         std::to_string(levels - 1) + ") AS level GROUP BY 1, 2, 3 ON CONFLICT (level, period, " +
         key + ") DO UPDATE SET events = " + table + ".events + excluded.events";
}

// Pieces of SQL that stand between commas.
void append_piece(std::string& out, const std::string& piece) {
  out.append(out.empty() ? "" : ", ").append(piece);
}

}  // namespace

namespace postgres_counts {

std::string of_rows(const std::string& rows, const std::string& n) {
  std::string sql = "SELECT " + std::string(hour_sql) + " AS hour, ";
  sql.append(series_columns).append(", ").append(n).append(" AS n FROM ").append(rows);
  return sql.append(" GROUP BY 1, 2, 3, 4, 5, 6");
}

std::string counted(const std::string& added) {
  const std::string names(series_columns);
  return "added(hour, " + names + ", n) AS (" + added + "), by_status AS (" +
         summed_up("status", "added", "agentaudit_status_counts") +
         "), named AS MATERIALIZED (SELECT *, agentaudit_series_of(" + names +
         ") AS series FROM added), known AS (INSERT INTO agentaudit_series(series, " + names +
         ") SELECT DISTINCT ON (series) series, " + names +
         " FROM named ON CONFLICT DO NOTHING), counted AS (" +
         summed_up("series", "named", "agentaudit_counts") + ")";
}

std::string forget_empty() {
  return "DELETE FROM agentaudit_counts WHERE events = 0;"
         "DELETE FROM agentaudit_status_counts WHERE events = 0;"
         "DELETE FROM agentaudit_series s WHERE NOT EXISTS"
         " (SELECT 1 FROM agentaudit_counts c WHERE c.series = s.series)";
}

Result<std::int64_t> wrong(PostgresConnection& connection) {
  const std::string names(series_columns);
  return connection.number(
      "WITH hours AS (" + of_rows("agentaudit_events", "count(*)") +
      "), found AS (SELECT level, hour >> (" + std::to_string(shift) +
      " * level) AS period, agentaudit_series_of(" + names +
      ") AS series, sum(n) AS events FROM hours, generate_series(0, " + std::to_string(levels - 1) +
      ") AS level GROUP BY 1, 2, 3) SELECT (SELECT count(*) FROM found f FULL JOIN"
      " (SELECT * FROM agentaudit_counts WHERE events <> 0) c USING (level, period, series)"
      " WHERE f.events IS DISTINCT FROM c.events) + (SELECT count(*) FROM agentaudit_series"
      " WHERE series <> agentaudit_series_of(" +
      names +
      ")) + (SELECT count(DISTINCT series) FROM agentaudit_counts c WHERE NOT EXISTS"
      " (SELECT 1 FROM agentaudit_series s WHERE s.series = c.series))"
      " + (SELECT count(*) FROM (SELECT level, period, status, sum(events) AS events FROM found"
      " JOIN agentaudit_series USING (series) GROUP BY 1, 2, 3) f FULL JOIN"
      " (SELECT * FROM agentaudit_status_counts WHERE events <> 0) c USING (level, period, status)"
      " WHERE f.events IS DISTINCT FROM c.events)");
}

Result<Timestamp> time_in(PostgresConnection& connection, std::int64_t period, const Where& where,
                          End end) {
  const std::string end_of = end == End::first ? "min" : "max";
  const auto disagree = [] {
    return fail(ErrorCode::corrupt,
                "the table agentaudit_counts counts events that are not there; `agentaudit verify` "
                "says more, and SELECT agentaudit_recount() counts them anew");
  };
  const std::int64_t hour = period / levels - (period % levels < 0 ? 1 : 0);
  int level = static_cast<int>(period - hour * levels);
  std::int64_t at = hour >> (shift * level);
  while (level > 0) {
    --level;
    const std::int64_t first = at * fan_out;
    const auto row = connection.ask(
        "SELECT count(*), " + end_of +
        "(period) FROM agentaudit_counts JOIN agentaudit_series USING (series) WHERE level = " +
        std::to_string(level) + " AND period >= " + std::to_string(first) + " AND period < " +
        std::to_string(first + fan_out) + " AND events > 0 AND " + where.series);
    if (!row) return fail(row.error());
    PostgresRows::Row columns = row->row(0);
    if (columns.number() == 0) return disagree();
    at = columns.number();
  }
  const auto row = connection.ask(
      "SELECT count(*), " + end_of + "(timestamp) FROM agentaudit_events WHERE timestamp BETWEEN " +
      int64(first_ns_of(at)) + " AND " + int64(last_ns_of(at)) + " AND " + where.event);
  if (!row) return fail(row.error());
  PostgresRows::Row columns = row->row(0);
  if (columns.number() == 0) return disagree();
  return Timestamp::from_ns(columns.number());
}

}  // namespace postgres_counts

void PostgresAddedCounts::add(const EventView& event) {
  std::string row = "(" + std::to_string(hour_of(event.timestamp.ns()));
  for (const std::string_view text :
       {event.category, event.status, event.agent, event.source, event.target}) {
    row.append(", ").append(postgres_sql::literal(text));
  }
  ++rows_[std::move(row)];
}

Result<void> PostgresAddedCounts::finish(PostgresConnection& connection, std::string& sql) {
  constexpr std::size_t statement_bytes = std::size_t{1} << 20U;
  const auto statement = [](const std::string& values) {
    return "WITH " + postgres_counts::counted("VALUES " + values) + " SELECT 1;";
  };
  std::string values;
  for (const auto& [row, count] : rows_) {
    append_piece(values, row + ", " + std::to_string(count) + ")");
    if (values.size() < statement_bytes) continue;
    if (auto added = connection.run(statement(values)); !added) return added;
    values.clear();
  }
  rows_.clear();
  if (!values.empty()) sql += statement(values);
  return {};
}

void PostgresSpans::add(std::optional<Timestamp> since, std::optional<Timestamp> until) {
  const std::size_t place = places_++;
  const std::int64_t first_ns = since ? since->ns() : ns_min;
  const std::int64_t last_ns = until ? until->ns() : ns_max;
  if (first_ns > last_ns) return;
  // Whole hours, from `first` to before `beyond`.
  const bool is_first_whole = first_ns == first_ns_of(hour_of(first_ns));
  const bool is_last_whole = last_ns == last_ns_of(hour_of(last_ns));
  const std::int64_t first = since ? hour_of(first_ns) + (is_first_whole ? 0 : 1) : -hours_max;
  const std::int64_t beyond = until ? hour_of(last_ns) + (is_last_whole ? 1 : 0) : hours_max;
  if (!by_counts_ || first >= beyond) {
    edges_.push_back({.place = place, .first_ns = first_ns, .last_ns = last_ns});
    return;
  }
  add_periods(0, first, beyond);
  if (!is_first_whole) {
    edges_.push_back({.place = place, .first_ns = first_ns, .last_ns = last_ns_of(first - 1)});
  }
  if (!is_last_whole) {
    edges_.push_back({.place = place, .first_ns = first_ns_of(beyond), .last_ns = last_ns});
  }
}

// As few as may be.
void PostgresSpans::add_periods(int level, std::int64_t first, std::int64_t beyond) {
  if (first >= beyond) return;
  const std::int64_t first_above = (first + fan_out - 1) >> shift;
  const std::int64_t beyond_above = beyond >> shift;
  if (level + 1 == levels || first_above >= beyond_above) {
    periods_.push_back({.place = places_ - 1, .level = level, .first = first, .beyond = beyond});
    return;
  }
  add_periods(level, first, first_above << shift);
  add_periods(level + 1, first_above, beyond_above);
  add_periods(level, beyond_above << shift, beyond);
}

std::string PostgresSpans::question(const postgres_counts::Where& where,
                                    std::string_view columns) const {
  const std::string names(columns);
  std::string periods;
  for (const Periods& some : periods_) {
    append_piece(periods, "(" + std::to_string(some.place) + ", " + std::to_string(some.level) +
                              ", " + std::to_string(some.first) + ", " +
                              std::to_string(some.beyond) + ")");
  }
  std::string edges;
  for (const Edge& edge : edges_) {
    append_piece(edges, "(" + std::to_string(edge.place) + ", " + int64(edge.first_ns) + ", " +
                            int64(edge.last_ns) + ")");
  }
  // Each span by itself, so that it is read by an index.
  std::string sql;
  if (!periods.empty()) {
    // Periods are named by their first hour and their level.
    const std::string period = "((c.period << (" + std::to_string(shift) + " * c.level)) * " +
                               std::to_string(levels) + " + c.level)";
    const bool by_status = where.of_status_alone && columns == "status";
    const std::string key = by_status ? "status" : "series";
    const std::string table = by_status ? "agentaudit_status_counts" : "agentaudit_counts";
    sql = "SELECT place, " + names +
          ", n, NULL::bigint AS first, NULL::bigint AS last, first_period, last_period"
          " FROM (VALUES " +
          periods + ") AS p(place, on_level, since, until) CROSS JOIN LATERAL (SELECT " + key +
          ", sum(events) AS n, min" + period + " AS first_period, max" + period +
          " AS last_period FROM " + table +
          " c WHERE level = on_level AND period >= since AND period < until AND events > 0 GROUP "
          "BY " +
          key + ") AS c" + (by_status ? "" : " JOIN agentaudit_series USING (series)") + " WHERE " +
          where.series;
  }
  if (edges.empty() && !sql.empty()) return sql;
  if (edges.empty()) edges = "(0, 1, 0)";
  return sql + (sql.empty() ? "" : " UNION ALL ") + "SELECT place, " + names +
         ", n, first, last, NULL::int AS first_period, NULL::int AS last_period FROM (VALUES " +
         edges + ") AS e(place, since, until) CROSS JOIN LATERAL (SELECT " + names +
         ", count(*) AS n, min(timestamp) AS first, max(timestamp) AS last FROM agentaudit_events"
         " WHERE timestamp >= since AND timestamp <= until AND " +
         where.event + " GROUP BY " + names + ") AS events";
}

}  // namespace agentaudit
