#include "store/clickhouse_questions.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "store/clickhouse_page.h"
#include "store/clickhouse_sql.h"
#include "store/list_cursor.h"
#include "store/name_counts.h"
#include "store/row_binary.h"
#include "store/sql_columns.h"

namespace agentaudit {
namespace {

using clickhouse_page::append_key;
using clickhouse_page::beyond;
using clickhouse_page::contains;
using clickhouse_page::Extent;
using clickhouse_page::FleetCursor;
using clickhouse_page::near_end;
using clickhouse_page::order_by;
using clickhouse_page::order_of_places;
using clickhouse_page::parse_cursor;
using clickhouse_sql::int64;
using clickhouse_sql::read_event;
using clickhouse_sql::status_counts;
using clickhouse_sql::where_of;
using clickhouse_sql::where_trail;

constexpr std::size_t trail_bytes = 32;

}  // namespace

Result<std::string> ClickhouseQuestion::ask(const std::string& sql) const {
  return client_.query(sql + " FORMAT RowBinary", stop_);
}

// Checkpoints, which are few, are always merged.
std::string ClickhouseQuestion::from(std::string_view table) const {
  const bool is_merged = repeats_ == Repeats::merged || table != "events";
  return " FROM " + client_.address().database + '.' + std::string(table) +
         (is_merged ? " FINAL" : "");
}

// Times are looked at first: the server would begin with the smaller column, though many more
// events have a name than are of a time. FINAL may choose between versions, so it comes first.
std::string ClickhouseQuestion::from_events(const SqlWhere& where) const {
  const bool is_by_time = repeats_ == Repeats::none && !where.time().empty();
  return from("events") + (is_by_time ? " PREWHERE " + where.time() : "") + " WHERE " +
         where.text();
}

// One number of the events.
Result<std::int64_t> ClickhouseQuestion::count(std::string_view what, const SqlWhere& where) const {
  const auto answer = ask("SELECT toInt64(" + std::string(what) + ')' + from_events(where));
  if (!answer) return fail(answer.error());
  RowBinaryReader rows(*answer);
  const std::int64_t number = rows.at_end() ? 0 : rows.number();
  if (!rows.ok()) return fail(client_.unreadable());
  return number;
}

// Appends the events that meet the condition, which may have an order and a limit, and whose they
// are.
Result<void> ClickhouseQuestion::read_events(const std::string& where, std::vector<Event>& events,
                                             std::vector<std::string>& trails) const {
  const auto answer = ask("SELECT trail, " + std::string(sql_columns::of_event) + from("events") +
                          " WHERE " + where);
  if (!answer) return fail(answer.error());
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    std::string trail(rows.fixed(trail_bytes));
    Event event = read_event(rows).to_event();
    if (!rows.ok()) return fail(client_.unreadable());
    trails.push_back(std::move(trail));
    events.push_back(std::move(event));
  }
  return {};
}

Result<std::optional<ClickhouseSums>> ClickhouseQuestion::sums(const SqlWhere& where,
                                                               ClickhouseSums::Of of) const {
  if (!known_.sums || where.text() != where_trail(trails_).text())
    return std::optional<ClickhouseSums>();
  return known_.sums(of);
}

Result<Extent> ClickhouseQuestion::extent(const SqlWhere& where, const ListOpts& opts) const {
  const auto extent_of = [](const ClickhouseSums& sums) {
    return Extent{.total = sums.events, .first = sums.first, .last = sums.last};
  };
  const auto all = sums(where, ClickhouseSums::Of::extent);
  if (!all) return fail(all.error());
  if (*all) return extent_of(**all);
  if (opts.search.empty() && opts.trace_id.empty()) {
    const auto some = slice(opts, where);
    if (!some) return fail(some.error());
    if (*some) return extent_of((*some)->sums());
  }
  const auto answer =
      ask("SELECT toInt64(count()), min(timestamp), max(timestamp)" + from_events(where));
  if (!answer) return fail(answer.error());
  Extent extent;
  RowBinaryReader rows(*answer);
  if (rows.at_end()) return extent;
  extent.total = rows.number();
  const std::int64_t first = rows.number();
  const std::int64_t last = rows.number();
  if (!rows.ok()) return fail(client_.unreadable());
  if (extent.total == 0) return extent;
  extent.first = Timestamp::from_ns(first);
  extent.last = Timestamp::from_ns(last);
  return extent;
}

// One more than the page has, where there are more.
Result<std::vector<ClickhouseQuestion::Place>> ClickhouseQuestion::places(
    const SqlWhere& where, const ListOpts& opts) const {
  const auto answer =
      ask("SELECT trail, id" + from_events(where) + order_of_places(opts.order) + " LIMIT " +
          std::to_string(opts.offset) + ", " + std::to_string(opts.limit + 1));
  if (!answer) return fail(answer.error());
  std::vector<Place> places;
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    Place place;
    place.trail = rows.fixed(trail_bytes);
    place.id = rows.number();
    places.push_back(std::move(place));
  }
  if (!rows.ok()) return fail(client_.unreadable());
  return places;
}

Result<ListResult> ClickhouseQuestion::list(const ListOpts& opts) {
  const bool is_fleet = trails_.size() != 1;
  SqlWhere where = where_of(trails_, opts);
  where.equals("trace_id", opts.trace_id);
  if (!opts.search.empty()) where.add(contains(opts.search));
  ListResult result;
  result.limit = opts.limit;
  result.offset = opts.offset;
  result.total_exact = opts.total != TotalMode::none;
  Extent all;
  if (opts.total != TotalMode::none) {
    const auto found = extent(where, opts);
    if (!found) return fail(found.error());
    all = *found;
    result.total = all.total;
    if (all.total == 0) return result;
  }
  std::optional<FleetCursor> cursor;
  if (!opts.cursor.empty()) {
    auto parsed = parse_cursor(opts.cursor, opts.order, is_fleet);
    if (!parsed) return fail(parsed.error());
    cursor = std::move(*parsed);
    where.add(beyond(*cursor, opts.order, is_fleet));
  }
  // First the places, of narrow columns, then the rows of these alone.
  std::vector<Place> found;
  const auto enough = static_cast<std::size_t>(opts.limit + 1);
  if (const auto likely = near_end(all, opts, cursor)) {
    SqlWhere near = where;
    near.add_time(*likely);
    auto some = places(near, opts);
    if (!some) return fail(some.error());
    found = std::move(*some);
  }
  if (found.size() < enough) {
    auto whole = places(where, opts);
    if (!whole) return fail(whole.error());
    found = std::move(*whole);
  }
  const bool is_more = found.size() >= enough;
  if (is_more) found.resize(enough - 1);
  std::string wanted;
  for (const Place& place : found) append_key(wanted, place.trail, place.id);
  if (wanted.empty()) return result;
  const auto read = read_events("(trail, id) IN (" + wanted + ") AND " + where.text() +
                                    order_by(opts.order) + " LIMIT " + std::to_string(opts.limit),
                                result.events, result.trails);
  if (!read) return fail(read.error());
  if (is_more && !result.events.empty()) {
    const Event& last = result.events.back();
    result.next_cursor =
        ListCursor{.timestamp = last.timestamp, .id = last.id}.to_string(opts.order);
    if (is_fleet) result.next_cursor += ':' + result.trails.back();
  }
  if (!is_fleet) result.trails.clear();
  return result;
}

Result<GroupsResult> ClickhouseQuestion::groups(const GroupsOpts& opts) {
  const std::string name(sql_columns::of(opts.by));
  const auto answer = ask(
      "SELECT " + name + ", " + std::string(status_counts) +
      ", min(timestamp), max(timestamp), "
      "toInt64(countIf(duration_ms > 0)), quantileExactWeightedIf(0.5)(duration_ms, toUInt8(1), "
      "duration_ms > 0), quantileExactWeightedIf(0.95)(duration_ms, toUInt8(1), duration_ms > 0), "
      "max(duration_ms)" +
      from_events(where_of(trails_, opts)) + " GROUP BY " + name + " ORDER BY n DESC, " + name);
  if (!answer) return fail(answer.error());
  GroupsResult result;
  result.limit = opts.limit;
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    Group group;
    group.name = rows.text();
    sql_columns::read_status_counts(rows, group.events, group);
    group.first = Timestamp::from_ns(rows.number());
    group.last = Timestamp::from_ns(rows.number());
    const bool timed = rows.number() > 0;
    DurationQuantiles duration;
    duration.p50 = std::chrono::milliseconds(rows.number());
    duration.p95 = std::chrono::milliseconds(rows.number());
    duration.max = std::chrono::milliseconds(rows.number());
    if (timed) group.duration = duration;
    result.events += group.events;
    if (result.total++ < opts.limit) result.groups.push_back(std::move(group));
  }
  if (!rows.ok()) return fail(client_.unreadable());
  return result;
}

Result<Event> ClickhouseQuestion::get(EventId id) {
  SqlWhere where = where_trail(trails_);
  where.add("id = " + int64(id));
  const auto answer = ask("SELECT trail, " + std::string(sql_columns::of_event) + from("events") +
                          " WHERE " + where.text() + " LIMIT 1 BY trail, leaf LIMIT 2");
  if (!answer) return fail(answer.error());
  RowBinaryReader rows(*answer);
  if (rows.at_end()) return fail(ErrorCode::not_found, "there is no event " + std::to_string(id));
  const std::string trail(rows.fixed(trail_bytes));
  Event event = read_event(rows).to_event();
  if (!rows.ok()) return fail(client_.unreadable());
  if (!rows.at_end()) {
    const auto trails = count("uniqExact(trail)", where);
    if (!trails) return fail(trails.error());
    const bool is_forked = *trails == 1;
    return fail(is_forked ? ErrorCode::corrupt : ErrorCode::invalid_argument,
                is_forked ? "event " + std::to_string(id) + " of trail " + trail +
                                " is there in two versions: the trail was forked"
                          : "event " + std::to_string(id) +
                                " is in several trails; name one in the URL (?trail=ID)");
  }
  return event;
}

Result<EventId> ClickhouseQuestion::last_id() {
  if (trails_.size() != 1) {
    return fail(ErrorCode::unsupported,
                "each trail of a fleet counts for itself; name one in the URL (?trail=ID)");
  }
  return count("max(id)", where_trail(trails_));
}

Result<std::string> ClickhouseQuestion::checkpoint() {
  const auto answer = ask("SELECT note" + from("checkpoints") + " WHERE " +
                          where_trail(trails_).text() + " ORDER BY size DESC LIMIT 1");
  if (!answer) return fail(answer.error());
  RowBinaryReader rows(*answer);
  if (rows.at_end()) return fail(ErrorCode::not_found, "no checkpoint of the trail was shipped");
  std::string note(rows.text());
  if (!rows.ok()) return fail(client_.unreadable());
  return note;
}

Result<ConversationsResult> ClickhouseQuestion::conversations(const ConversationsOpts& opts) {
  SqlWhere where = where_trail(trails_);
  where.among("agent", opts.agents);
  where.within(opts.since, opts.until);
  where.add("conversation != ''");
  ConversationsResult result;
  result.limit = opts.limit;
  result.offset = opts.offset;
  const auto total = count("uniqExact(conversation)", where);
  if (!total) return fail(total.error());
  result.total = *total;
  const auto answer =
      ask("SELECT conversation, " + std::string(status_counts) +
          ", min(timestamp), max(timestamp) AS newest, groupUniqArray(agent)" + from_events(where) +
          " GROUP BY conversation ORDER BY newest DESC, conversation LIMIT " +
          std::to_string(opts.offset) + ", " + std::to_string(opts.limit));
  if (!answer) return fail(answer.error());
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    Conversation one;
    one.conversation_id = rows.text();
    sql_columns::read_status_counts(rows, one.events, one);
    one.first = Timestamp::from_ns(rows.number());
    one.last = Timestamp::from_ns(rows.number());
    const auto agents = rows.texts();
    one.agents.assign(agents.begin(), agents.end());
    std::sort(one.agents.begin(), one.agents.end());
    if (!rows.ok()) return fail(client_.unreadable());
    result.conversations.push_back(std::move(one));
  }
  if (!rows.ok()) return fail(client_.unreadable());
  return result;
}

Result<OpenIntentsResult> ClickhouseQuestion::open_intents(const OpenIntentsOpts& opts) {
  SqlWhere where = where_trail(trails_);
  const std::string of_trails = where.text();
  where.among("agent", opts.agents);
  where.equals("conversation", opts.conversation_id);
  where.within(opts.since, opts.until);
  where.add("status = 'pending' AND span_id != ''");
  // What ended a span: the last later event of it, and the last that it is the parent of. Of
  // the spans of intents alone, which are few beside all.
  const std::string spans = "(SELECT trail, span_id" + from_events(where) + ")";
  const auto ends = [&](std::string_view span, std::string_view as) {
    return "(SELECT trail, " + std::string(span) + " AS span_id, max(id) AS " + std::string(as) +
           from("events") + " WHERE " + of_trails + " AND status != 'pending' AND " +
           std::string(span) + " != '' AND (trail, " + std::string(span) + ") GLOBAL IN " + spans +
           " GROUP BY trail, " + std::string(span) + ")";
  };
  const std::string intents =
      "SELECT trail, id, agent FROM (SELECT trail, id, timestamp, agent, category, "
      "span_id, own FROM (SELECT trail, id, timestamp, agent, category, span_id" +
      from_events(where) + ") GLOBAL ANY LEFT JOIN " + ends("span_id", "own") +
      " USING (trail, span_id)) GLOBAL ANY LEFT JOIN " + ends("parent_span_id", "child") +
      " USING (trail, span_id) WHERE own < id AND NOT (category = 'approval' AND child > id)";
  const auto answer = ask(intents + " ORDER BY timestamp, id, trail");
  if (!answer) return fail(answer.error());
  OpenIntentsResult result;
  std::unordered_map<std::string_view, std::int64_t> by_agent;
  std::string wanted;
  RowBinaryReader keys(*answer);
  while (!keys.at_end()) {
    const std::string_view trail = keys.fixed(trail_bytes);
    const EventId id = keys.number();
    const std::string_view agent = keys.text();
    if (!keys.ok()) return fail(client_.unreadable());
    if (result.total++ < opts.limit) append_key(wanted, trail, id);
    ++by_agent[agent];
  }
  for (const auto& [agent, count] : by_agent) {
    result.by_agent.push_back({.name = std::string(agent), .count = count});
  }
  std::sort(result.by_agent.begin(), result.by_agent.end(), counts_more);
  if (wanted.empty()) return result;
  const auto read = read_events("(trail, id) IN (" + wanted + ")" + order_by(Order::oldest_first),
                                result.events, result.trails);
  if (!read) return fail(read.error());
  if (trails_.size() == 1) result.trails.clear();
  return result;
}

Result<std::vector<FleetTrail>> ClickhouseQuestion::trails(Timestamp silent_before) {
  SqlWhere where = where_trail(trails_);
  const auto answer =
      ask("SELECT trail, toInt64(count()), max(id), min(timestamp), max(timestamp), "
          "max(recorded_at), toInt64(uniqExact(id))" +
          from_events(where) + " GROUP BY trail ORDER BY trail");
  if (!answer) return fail(answer.error());
  std::vector<FleetTrail> trails;
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    FleetTrail trail;
    trail.trail_id = rows.fixed(trail_bytes);
    trail.events = rows.number();
    trail.last_id = rows.number();
    trail.first = Timestamp::from_ns(rows.number());
    trail.last = Timestamp::from_ns(rows.number());
    trail.last_recorded = Timestamp::from_ns(rows.number());
    const std::int64_t ids = rows.number();
    trail.missing = trail.last_id - ids;
    trail.forked = trail.events > ids;
    trail.silent = trail.last_recorded < silent_before;
    trails.push_back(std::move(trail));
  }
  if (!rows.ok()) return fail(client_.unreadable());
  const auto notes =
      ask("SELECT trail, max(size), argMax(note, size), toInt64(count() > "
          "uniqExact(size))" +
          from("checkpoints") + " WHERE " + where.text() + " GROUP BY trail");
  if (!notes) return fail(notes.error());
  std::unordered_map<std::string_view, FleetTrail*> by_id;
  for (FleetTrail& trail : trails) by_id.emplace(trail.trail_id, &trail);
  RowBinaryReader checkpoints(*notes);
  while (!checkpoints.at_end()) {
    const std::string_view id = checkpoints.fixed(trail_bytes);
    const std::int64_t size = checkpoints.number();
    const std::string_view note = checkpoints.text();
    const bool forked = checkpoints.number() != 0;
    const auto found = by_id.find(id);
    if (!checkpoints.ok() || found == by_id.end()) continue;
    FleetTrail& trail = *found->second;
    trail.checkpoint_size = size;
    trail.checkpoint = note;
    trail.forked = trail.forked || forked;
  }
  if (!checkpoints.ok()) return fail(client_.unreadable());
  const auto rank = [](const FleetTrail& trail) {
    return trail.forked ? 0 : trail.missing > 0 ? 1 : trail.silent ? 2 : 3;
  };
  std::sort(trails.begin(), trails.end(), [&](const FleetTrail& a, const FleetTrail& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.trail_id < b.trail_id;
  });
  return trails;
}

}  // namespace agentaudit
