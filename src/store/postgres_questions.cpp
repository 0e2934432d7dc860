#include "store/postgres_questions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/ascii.h"
#include "core/utf8.h"
#include "store/contains.h"
#include "store/histogram_steps.h"
#include "store/last_hour.h"
#include "store/list_cursor.h"
#include "store/name_counts.h"
#include "store/postgres_sql.h"
#include "store/postgres_text.h"
#include "store/sql_columns.h"

namespace agentaudit {
namespace {

using postgres_sql::int64;

// How long the total of a search may take when it need not be exact.
constexpr std::string_view total_ms = "1000";
constexpr std::chrono::nanoseconds nanosecond{1};
// Agents of a conversation come as one text, between which stands a character that no
// escaped text has (docs/postgres.md, "Text").
constexpr std::string_view separator = "\xf4\x8f\xbc\x81";
constexpr std::string_view separator_sql = "chr(1113857)";

// How many events there are, and how many of them with each status that is told apart.
constexpr std::string_view status_counts =
    "count(*) AS n, count(*) FILTER (WHERE status = 'error'),"
    " count(*) FILTER (WHERE status = 'denied'), count(*) FILTER (WHERE status = 'pending')";

// Orders names as their bytes are, but for those that are no UTF-8, which come last.
std::string by_name(std::string_view column) {
  return "translate(" + std::string(column) + ", chr(1113856), chr(1))";
}

std::string order_by(Order order) {
  switch (order) {
    case Order::commit: return " ORDER BY id";
    case Order::oldest_first: return " ORDER BY timestamp, id";
    case Order::newest_first: break;
  }
  return " ORDER BY timestamp DESC, id DESC";
}

std::string beyond(const ListCursor& cursor, Order order) {
  if (order == Order::commit) return "id > " + int64(cursor.id);
  const std::string sign = order == Order::newest_first ? "<" : ">";
  return "(timestamp, id) " + sign + " (" + int64(cursor.timestamp.ns()) + ", " + int64(cursor.id) +
         ")";
}

// Whether an event has the piece of text, in any case of ASCII letters.
std::string contains(const std::string& piece) {
  const std::string pattern = postgres_sql::like_pattern(to_lower_ascii(piece));
  std::string any;
  for (const std::string_view column : {"summary", "target", "detail"}) {
    any += any.empty() ? "(" : " OR ";
    any.append("lower(").append(column).append(" COLLATE \"C\") LIKE ").append(pattern);
  }
  return any + ')';
}

Event event_of(const PostgresRows& rows, int index) {
  PostgresRows::Row row = rows.row(index);
  return sql_columns::read_event<Event>(row);
}

template <typename Opts>
SqlWhere where_of(const Opts& opts) {
  SqlWhere where(postgres_sql::dialect);
  where.filter(opts);
  return where;
}

// The filters of spans, which have times of their own.
template <typename Opts>
postgres_counts::Where counts_where(const Opts& opts) {
  SqlWhere where(postgres_sql::dialect);
  where.filter_series(opts);
  SqlWhere of_status(postgres_sql::dialect);
  of_status.among("status", opts.statuses);
  postgres_counts::Where both{
      .series = where.text(), .event = {}, .of_status_alone = where.text() == of_status.text()};
  where.equals("conversation", opts.conversation_id);
  both.event = where.text();
  return both;
}

// How many events meet the filters, of which `where` is the condition.
std::string total_question(const ListOpts& opts, const std::string& where) {
  if (!opts.search.empty() || !opts.trace_id.empty() || !opts.conversation_id.empty()) {
    return "SELECT count(*) FROM agentaudit_events WHERE " + where;
  }
  PostgresSpans spans(true);
  spans.add(opts.since, opts.until);
  return "SELECT coalesce(sum(n), 0)::bigint FROM (" +
         spans.question(counts_where(opts), "status") + ") AS counts";
}

// The same of an event that is here.
bool contains(const Event& event, std::string_view needle_lower) {
  return contains_ignoring_case(event.summary, needle_lower) ||
         contains_ignoring_case(event.target, needle_lower) ||
         contains_ignoring_case(event.detail, needle_lower);
}

// Whether the event is on an earlier page than the one that begins after the cursor.
bool is_before(const Event& event, const ListCursor& cursor, Order order) {
  if (order == Order::commit) return event.id <= cursor.id;
  const auto place = std::pair(event.timestamp, event.id);
  const auto end = std::pair(cursor.timestamp, cursor.id);
  return order == Order::newest_first ? place >= end : place <= end;
}

std::vector<std::string> split_agents(std::string_view agents) {
  std::vector<std::string> names;
  while (true) {
    const auto at = agents.find(separator);
    names.push_back(postgres_text::unescaped(agents.substr(0, at)));
    if (at == std::string_view::npos) break;
    agents.remove_prefix(at + separator.size());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Result<ListResult> PostgresQuestion::list(const ListOpts& opts) {
  if (!opts.search.empty() && !is_utf8(opts.search)) return list_by_looking(opts);
  SqlWhere where = where_of(opts);
  where.equals("trace_id", opts.trace_id);
  if (!opts.search.empty()) where.add(contains(opts.search));
  ListResult result;
  result.limit = opts.limit;
  result.offset = opts.offset;
  const std::string all = where.text();
  if (!opts.cursor.empty()) {
    const auto cursor = ListCursor::parse(opts.cursor, opts.order);
    if (!cursor) return fail(cursor.error());
    where.add(beyond(*cursor, opts.order));
  }
  const auto rows =
      connection_.ask("SELECT " + std::string(sql_columns::of_event) +
                      " FROM agentaudit_events WHERE " + where.text() + order_by(opts.order) +
                      " LIMIT " + std::to_string(opts.limit + 1) + " OFFSET " + int64(opts.offset));
  if (!rows) return fail(rows.error());
  const int shown = std::min(rows->size(), static_cast<int>(opts.limit));
  for (int row = 0; row < shown; ++row) result.events.push_back(event_of(*rows, row));
  if (rows->size() > shown && shown > 0) {
    const Event& last = result.events.back();
    result.next_cursor =
        ListCursor{.timestamp = last.timestamp, .id = last.id}.to_string(opts.order);
  }
  if (auto counted = count(opts, all, result); !counted) return fail(counted.error());
  return result;
}

Result<void> PostgresQuestion::count(const ListOpts& opts, const std::string& where,
                                     ListResult& result) {
  result.total_exact = opts.total != TotalMode::none;
  if (opts.total == TotalMode::none) return {};
  const bool may_end = opts.total == TotalMode::automatic && !opts.search.empty();
  if (may_end) {
    auto saved =
        connection_.run("SAVEPOINT total; SET LOCAL statement_timeout = " + std::string(total_ms));
    if (!saved) return saved;
  }
  const auto total = connection_.number(total_question(opts, where));
  if (total) {
    result.total = *total;
    return may_end ? connection_.run("ROLLBACK TO SAVEPOINT total") : Result<void>();
  }
  if (!may_end || total.error().code != ErrorCode::deadline) return fail(total.error());
  result.total = opts.offset + static_cast<std::int64_t>(result.events.size());
  result.total_exact = false;
  return connection_.run("ROLLBACK TO SAVEPOINT total");
}

Result<ListResult> PostgresQuestion::list_by_looking(const ListOpts& opts) {
  const std::string needle = to_lower_ascii(opts.search);
  ListOpts each = opts;
  each.search.clear();
  each.total = TotalMode::none;
  each.offset = 0;
  each.limit = limits::page_events_max;
  each.cursor.clear();
  ListResult result;
  result.limit = opts.limit;
  result.offset = opts.offset;
  std::int64_t skipped = 0;
  std::optional<ListCursor> cursor;
  if (!opts.cursor.empty()) {
    const auto parsed = ListCursor::parse(opts.cursor, opts.order);
    if (!parsed) return fail(parsed.error());
    cursor = *parsed;
  }
  bool more = false;
  do {
    auto page = list(each);
    if (!page) return fail(page.error());
    for (Event& event : page->events) {
      if (!contains(event, needle)) continue;
      ++result.total;
      if ((cursor && is_before(event, *cursor, opts.order)) || skipped++ < opts.offset) continue;
      if (static_cast<std::int64_t>(result.events.size()) == opts.limit) {
        more = true;
        continue;
      }
      result.events.push_back(std::move(event));
    }
    each.cursor = page->next_cursor;
  } while (!each.cursor.empty());
  if (more) {
    const Event& last = result.events.back();
    result.next_cursor =
        ListCursor{.timestamp = last.timestamp, .id = last.id}.to_string(opts.order);
  }
  if (opts.total == TotalMode::none) {
    result.total = 0;
    result.total_exact = false;
  }
  return result;
}

Result<Stats> PostgresQuestion::stats(const StatsOpts& opts) {
  const postgres_counts::Where where = counts_where(opts);
  const Timestamp now = opts.now.value_or(Timestamp::now());
  PostgresSpans spans(opts.conversation_id.empty());
  spans.add(opts.since, opts.until);
  spans.add(std::max(last_hour(now), opts.since.value_or(last_hour(now))),
            std::min(now, opts.until.value_or(now)));
  const auto rows = connection_.ask(
      "SELECT GROUPING(category, status, agent, source, target),"
      " coalesce(category, status, agent, source, target, ''),"
      " (sum(n) FILTER (WHERE place = 0))::bigint, (sum(n) FILTER (WHERE place = 1))::bigint,"
      " count(first), min(first), max(last),"
      " count(first_period) FILTER (WHERE place = 0),"
      " min(first_period) FILTER (WHERE place = 0),"
      " max(last_period) FILTER (WHERE place = 0) FROM (" +
      spans.question(where) +
      ") AS counts GROUP BY GROUPING SETS ((), (category), (status), (agent), (source), (target))");
  if (!rows) return fail(rows.error());
  Stats stats;
  for (int row = 0; row < rows->size(); ++row) {
    PostgresRows::Row columns = rows->row(row);
    const auto mask = static_cast<std::uint64_t>(columns.number());
    const std::string name = columns.text();
    const std::int64_t count = columns.number();
    // A bit is 0 where the row is of that column: category has the greatest.
    constexpr std::array<std::vector<NameCount> Stats::*, 5> lists = {
        &Stats::by_target, &Stats::by_source, &Stats::by_agent, &Stats::by_status,
        &Stats::by_category};
    for (std::size_t bit = 0; bit < lists.size(); ++bit) {
      if ((mask >> bit & 1U) == 0) (stats.*lists[bit]).push_back({.name = name, .count = count});
    }
    if (mask != (1U << lists.size()) - 1 || count == 0) continue;
    stats.total = count;
    stats.events_last_hour = columns.number();
    if (auto read = read_ends(columns, where, stats); !read) return fail(read.error());
  }
  for (auto* list : {&stats.by_category, &stats.by_status, &stats.by_agent, &stats.by_source,
                     &stats.by_target}) {
    std::sort(list->begin(), list->end(), counts_more);
  }
  if (opts.histogram_buckets == 0 || stats.total == 0) return stats;
  if (auto added = add_histogram(opts, where, stats); !added) return fail(added.error());
  return stats;
}

// From what was read of events and of the counts' periods.
Result<void> PostgresQuestion::read_ends(PostgresRows::Row& row,
                                         const postgres_counts::Where& where, Stats& stats) {
  using postgres_counts::End;
  const bool has_events = row.number() > 0;
  const Timestamp first = Timestamp::from_ns(row.number());
  const Timestamp last = Timestamp::from_ns(row.number());
  if (has_events) {
    stats.first = first;
    stats.last = last;
  }
  if (row.number() == 0) return {};
  const auto first_counted = postgres_counts::time_in(connection_, row.number(), where, End::first);
  if (!first_counted) return fail(first_counted.error());
  const auto last_counted = postgres_counts::time_in(connection_, row.number(), where, End::last);
  if (!last_counted) return fail(last_counted.error());
  stats.first = std::min(stats.first.value_or(*first_counted), *first_counted);
  stats.last = std::max(stats.last.value_or(*last_counted), *last_counted);
  return {};
}

Result<void> PostgresQuestion::add_histogram(const StatsOpts& opts,
                                             const postgres_counts::Where& where, Stats& stats) {
  const bool by_counts = opts.conversation_id.empty();
  const int buckets = opts.histogram_buckets;
  const HistogramSteps cut = by_counts
                                 ? HistogramSteps::in_hours(*stats.first, *stats.last, buckets)
                                 : HistogramSteps(*stats.first, *stats.last, buckets);
  stats.histogram.resize(cut.buckets());
  PostgresSpans spans(by_counts);
  for (std::size_t i = 0; i < stats.histogram.size(); ++i) {
    stats.histogram[i].start = cut.start_of(i);
    // Before the first event and after the last there is nothing to leave out.
    std::optional<Timestamp> since = opts.since;
    std::optional<Timestamp> until = opts.until;
    if (i > 0) since = cut.start_of(i);
    if (i + 1 < stats.histogram.size()) until = cut.start_of(i + 1).minus(nanosecond);
    spans.add(since, until);
  }
  const auto rows = connection_.ask(
      "SELECT place::bigint, sum(n)::bigint, coalesce(sum(n) FILTER (WHERE status = 'error'), 0)"
      "::bigint, coalesce(sum(n) FILTER (WHERE status = 'denied'), 0)::bigint,"
      " coalesce(sum(n) FILTER (WHERE status = 'pending'), 0)::bigint FROM (" +
      spans.question(where, "status") + ") AS counts GROUP BY place");
  if (!rows) return fail(rows.error());
  for (int row = 0; row < rows->size(); ++row) {
    PostgresRows::Row columns = rows->row(row);
    const auto step = static_cast<std::uint64_t>(columns.number());
    if (step >= stats.histogram.size()) continue;
    HistogramBucket& bucket = stats.histogram[step];
    sql_columns::read_status_counts(columns, bucket.total, bucket);
  }
  return {};
}

Result<GroupsResult> PostgresQuestion::groups(const GroupsOpts& opts) {
  const std::string name(sql_columns::of(opts.by));
  const auto quantile = [](std::string_view fraction) {
    return "coalesce(percentile_disc(" + std::string(fraction) +
           ") WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE duration_ms > 0), 0)::bigint, ";
  };
  const auto rows =
      connection_.ask("SELECT " + name + ", " + std::string(status_counts) +
                      ", min(timestamp), max(timestamp), " + quantile("0.5") + quantile("0.95") +
                      "max(duration_ms), count(*) OVER (), (sum(count(*)) OVER ())::bigint"
                      " FROM agentaudit_events WHERE " +
                      where_of(opts).text() + " GROUP BY " + name + " ORDER BY n DESC, " +
                      by_name(name) + " LIMIT " + std::to_string(opts.limit));
  if (!rows) return fail(rows.error());
  GroupsResult result;
  result.limit = opts.limit;
  for (int row = 0; row < rows->size(); ++row) {
    PostgresRows::Row columns = rows->row(row);
    Group group;
    group.name = columns.text();
    sql_columns::read_status_counts(columns, group.events, group);
    group.first = Timestamp::from_ns(columns.number());
    group.last = Timestamp::from_ns(columns.number());
    DurationQuantiles duration;
    duration.p50 = std::chrono::milliseconds(columns.number());
    duration.p95 = std::chrono::milliseconds(columns.number());
    duration.max = std::chrono::milliseconds(columns.number());
    if (duration.max.count() > 0) group.duration = duration;
    result.total = columns.number();
    result.events = columns.number();
    result.groups.push_back(std::move(group));
  }
  return result;
}

Result<Event> PostgresQuestion::get(EventId id) {
  const auto rows = connection_.ask("SELECT " + std::string(sql_columns::of_event) +
                                    " FROM agentaudit_events WHERE id = " + int64(id));
  if (!rows) return fail(rows.error());
  if (rows->size() == 0) {
    return fail(ErrorCode::not_found, "there is no event " + std::to_string(id));
  }
  return event_of(*rows, 0);
}

Result<ConversationsResult> PostgresQuestion::conversations(const ConversationsOpts& opts) {
  SqlWhere where(postgres_sql::dialect);
  where.among("agent", opts.agents);
  where.within(opts.since, opts.until);
  where.add("conversation <> ''");
  ConversationsResult result;
  result.limit = opts.limit;
  result.offset = opts.offset;
  const auto total = connection_.number(
      "SELECT count(DISTINCT conversation) FROM agentaudit_events WHERE " + where.text());
  if (!total) return fail(total.error());
  result.total = *total;
  const auto rows = connection_.ask(
      "SELECT conversation, " + std::string(status_counts) +
      ", min(timestamp), max(timestamp) AS newest, string_agg(DISTINCT agent, " +
      std::string(separator_sql) + ") FROM agentaudit_events WHERE " + where.text() +
      " GROUP BY conversation ORDER BY newest DESC, " + by_name("conversation") + " LIMIT " +
      std::to_string(opts.limit) + " OFFSET " + int64(opts.offset));
  if (!rows) return fail(rows.error());
  for (int row = 0; row < rows->size(); ++row) {
    PostgresRows::Row columns = rows->row(row);
    Conversation one;
    one.conversation_id = columns.text();
    sql_columns::read_status_counts(columns, one.events, one);
    one.first = Timestamp::from_ns(columns.number());
    one.last = Timestamp::from_ns(columns.number());
    one.agents = split_agents(columns.bytes());
    result.conversations.push_back(std::move(one));
  }
  return result;
}

Result<OpenIntentsResult> PostgresQuestion::open_intents(const OpenIntentsOpts& opts) {
  SqlWhere where(postgres_sql::dialect);
  where.among("agent", opts.agents);
  where.equals("conversation", opts.conversation_id);
  where.within(opts.since, opts.until);
  where.add("status = 'pending' AND span_id <> ''");
  const auto ended = [](std::string_view span) {
    return "EXISTS (SELECT 1 FROM agentaudit_events e WHERE e." + std::string(span) +
           " <> '' AND e." + std::string(span) +
           " = i.span_id AND e.id > i.id AND e.status <> 'pending')";
  };
  const auto keys =
      connection_.ask("SELECT id, agent FROM agentaudit_events i WHERE " + where.text() +
                      " AND NOT " + ended("span_id") + " AND NOT (category = 'approval' AND " +
                      ended("parent_span_id") + ") ORDER BY timestamp, id");
  if (!keys) return fail(keys.error());
  OpenIntentsResult result;
  result.total = keys->size();
  std::unordered_map<std::string, std::int64_t> by_agent;
  std::string wanted;
  for (int row = 0; row < keys->size(); ++row) {
    PostgresRows::Row columns = keys->row(row);
    const EventId id = columns.number();
    if (row < opts.limit) wanted += (wanted.empty() ? "" : ", ") + std::to_string(id);
    ++by_agent[columns.text()];
  }
  for (const auto& [agent, count] : by_agent) {
    result.by_agent.push_back({.name = agent, .count = count});
  }
  std::sort(result.by_agent.begin(), result.by_agent.end(), counts_more);
  if (wanted.empty()) return result;
  const auto rows = connection_.ask("SELECT " + std::string(sql_columns::of_event) +
                                    " FROM agentaudit_events WHERE id IN (" + wanted + ")" +
                                    order_by(Order::oldest_first));
  if (!rows) return fail(rows.error());
  for (int row = 0; row < rows->size(); ++row) result.events.push_back(event_of(*rows, row));
  return result;
}

}  // namespace agentaudit
