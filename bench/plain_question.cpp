#include "plain_question.h"

#include <array>
#include <optional>
#include <string_view>

#include "measurement.h"

namespace agentaudit::bench {
namespace {

// As docs/sqlite_schema.md numbers them.
enum class Kind : std::uint8_t {
  category = 1,
  agent = 3,
  status = 4,
  source = 5,
  target = 6,
  conversation = 8
};

constexpr std::array<std::string_view, 5> counted = {"category", "status", "agent", "source",
                                                     "target"};
constexpr std::array<std::string_view, 8> named = {
    "category", "action", "agent", "status", "source", "target", "principal", "conversation"};

// The text as a literal of SQL.
std::string literal(std::string_view text) {
  std::string sql = "'";
  for (const char c : text) sql.append(c == '\'' ? 2 : 1, c);
  return sql + '\'';
}

std::string ids_of(Kind kind, const std::string& condition) {
  return "(SELECT id FROM names WHERE kind = " + std::to_string(static_cast<int>(kind)) +
         " AND name " + condition + ')';
}

// The WHERE of a query over `events`, one condition after another.
class Where {
 public:
  void add(const std::string& condition) {
    sql_ += sql_.empty() ? " WHERE " : " AND ";
    sql_ += condition;
  }
  void add_names(const std::string& column, Kind kind, const std::vector<std::string>& names,
                 bool excluded = false) {
    if (names.empty()) return;
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + literal(name);
    add(column + (excluded ? " NOT IN " : " IN ") + ids_of(kind, "IN (" + list + ')'));
  }
  void add_time(const std::optional<Timestamp>& since, const std::optional<Timestamp>& until) {
    if (since) add("timestamp >= " + std::to_string(since->ns()));
    if (until) add("timestamp <= " + std::to_string(until->ns()));
  }
  [[nodiscard]] const std::string& sql() const { return sql_; }

 private:
  std::string sql_;
};

std::string where(const ListOpts& opts) {
  Where where;
  where.add_names("category", Kind::category, opts.categories);
  where.add_names("status", Kind::status, opts.statuses);
  where.add_names("agent", Kind::agent, opts.agents);
  where.add_names("source", Kind::source, opts.sources);
  where.add_names("source", Kind::source, opts.exclude_sources, true);
  where.add_names("target", Kind::target, opts.targets);
  if (!opts.conversation_id.empty()) {
    where.add("conversation = " + ids_of(Kind::conversation, "= " + literal(opts.conversation_id)));
  }
  if (!opts.trace_id.empty()) where.add("trace_id = x" + literal(opts.trace_id));
  if (!opts.search.empty()) {
    const std::string like = "LIKE " + literal('%' + opts.search + '%');
    where.add("(summary " + like + " OR detail " + like + " OR target IN " +
              ids_of(Kind::target, like) + ')');
  }
  where.add_time(opts.since, opts.until);
  return where.sql();
}

// Appends the query's first column; every column of every row is read.
void ask(sqlite3* connection, const std::string& sql, PlainAnswer& answer) {
  const Statement statement = prepare(connection, sql);
  answer.milliseconds += seconds_of([&] {
                           int code = 0;
                           while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
                             const int columns = sqlite3_column_count(statement.get());
                             for (int i = 0; i < columns; ++i) {
                               static_cast<void>(sqlite3_column_text(statement.get(), i));
                             }
                             answer.numbers.push_back(sqlite3_column_int64(statement.get(), 0));
                           }
                           if (code != SQLITE_DONE) give_up(sqlite3_errmsg(connection));
                         }) *
                         1e3;
}

std::string histogram_query(const StatsOpts& opts, const std::string& where) {
  const std::string steps = std::to_string(opts.histogram_buckets);
  return "WITH span AS (SELECT min(timestamp) AS first,"
         " (max(timestamp) - min(timestamp)) / " +
         steps + " + 1 AS step FROM events" + where + "), outcomes AS (SELECT " +
         ids_of(Kind::status, "= 'error'") + " AS error, " + ids_of(Kind::status, "= 'denied'") +
         " AS denied)"
         " SELECT count(*), (timestamp - first) / step AS bucket, sum(status = error),"
         " sum(status = denied) FROM events, span, outcomes" +
         where + " GROUP BY bucket";
}

}  // namespace

PlainAnswer plain_page(sqlite3* connection, const ListOpts& opts) {
  const std::string order = " ORDER BY timestamp DESC, id DESC";
  std::string columns = "id, timestamp, recorded_at, duration_ms, summary, detail";
  for (const std::string_view name : named) {
    const std::string column(name);
    columns += ", (SELECT name FROM names WHERE names.id = events." + column + ')';
  }
  columns += ", hex(trace_id), hex(span_id), hex(parent_span_id)";
  PlainAnswer answer;
  ask(connection,
      "SELECT " + columns + " FROM events WHERE id IN (SELECT id FROM events" + where(opts) +
          order + " LIMIT " + std::to_string(opts.limit) + " OFFSET " +
          std::to_string(opts.offset) + ')' + order,
      answer);
  return answer;
}

PlainAnswer plain_count(sqlite3* connection, const ListOpts& opts) {
  PlainAnswer answer;
  ask(connection, "SELECT count(*) FROM events" + where(opts), answer);
  return answer;
}

PlainAnswer plain_stats(sqlite3* connection, const StatsOpts& opts) {
  Where condition;
  condition.add_time(opts.since, opts.until);
  condition.add_names("source", Kind::source, opts.exclude_sources, true);
  PlainAnswer answer;
  ask(connection, "SELECT count(*), min(timestamp), max(timestamp) FROM events" + condition.sql(),
      answer);
  for (const std::string_view name : counted) {
    const std::string column(name);
    ask(connection,
        "SELECT count, name FROM (SELECT count(*) AS count, " + column + " AS value FROM events" +
            condition.sql() + " GROUP BY " + column +
            ") LEFT JOIN names ON id = value ORDER BY count DESC",
        answer);
  }
  if (opts.histogram_buckets > 0) ask(connection, histogram_query(opts, condition.sql()), answer);
  return answer;
}

}  // namespace agentaudit::bench
