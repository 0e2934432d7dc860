#include "store/sqlite_holds.h"

#include "store/sqlite_record.h"
#include "store/sqlite_scan.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

constexpr std::string_view holds_sql =
    "SELECT id, agent, conversation, since, until, reason, principal, created FROM holds"
    " ORDER BY id";

// The holds with the ids of the names; -1, which no event has, for a name that none has yet.
// Made once a statement: an event is compared with numbers.
constexpr std::string_view resolved_sql =
    "WITH held(id, agent, conversation, since, until) AS MATERIALIZED (SELECT id,"
    " iif(agent IS NULL, NULL, coalesce("
    "(SELECT id FROM names WHERE kind = 3 AND name = holds.agent), -1)),"
    " iif(conversation IS NULL, NULL, coalesce("
    "(SELECT id FROM names WHERE kind = 8 AND name = holds.conversation), -1)),"
    " since, until FROM holds)";
constexpr std::string_view match_sql =
    "(held.agent IS NULL OR held.agent = events.agent)"
    " AND (held.conversation IS NULL OR held.conversation = events.conversation)"
    " AND (held.since IS NULL OR held.since <= events.timestamp)"
    " AND (held.until IS NULL OR held.until >= events.timestamp)";

std::optional<Timestamp> instant_at(const SqliteStatement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return Timestamp::from_ns(row.integer(column));
}

Result<void> store_hold(SqliteConnection& connection, const Hold& hold) {
  const HoldOpts& opts = hold.opts;
  auto insert = connection.prepare("INSERT INTO holds VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  if (!insert) return fail(insert.error());
  for (int column = 2; column <= 5; ++column) insert->bind_null(column);
  insert->bind(1, hold.id);
  if (!opts.agent.empty()) insert->bind_text(2, opts.agent);
  if (!opts.conversation_id.empty()) insert->bind_text(3, opts.conversation_id);
  if (opts.since) insert->bind(4, opts.since->ns());
  if (opts.until) insert->bind(5, opts.until->ns());
  insert->bind_text(6, opts.reason);
  insert->bind_text(7, opts.principal);
  insert->bind(8, hold.created.ns());
  if (auto inserted = insert->run(); !inserted) return inserted;
  auto count = connection.prepare(
      "INSERT INTO trail(key, value) VALUES ('last_hold', ?1)"
      " ON CONFLICT(key) DO UPDATE SET value = excluded.value");
  if (!count) return fail(count.error());
  count->bind(1, hold.id);
  return count->run();
}

}  // namespace

Result<std::string> held_sql(SqliteConnection& connection) {
  const auto there = sqlite_schema::has_table(connection, "holds");
  if (!there) return fail(there.error());
  if (!*there) return "0";
  const auto holds = connection.integer("SELECT count(*) FROM holds");
  if (!holds) return fail(holds.error());
  if (*holds == 0) return "0";
  return "EXISTS (" + std::string(resolved_sql) + " SELECT 1 FROM held WHERE " +
         std::string(match_sql) + ")";
}

Result<std::vector<Hold>> read_holds(SqliteConnection& connection) {
  auto select = connection.prepare(holds_sql);
  if (!select) return fail(select.error());
  std::vector<Hold> holds;
  auto done = for_each_row(*select, [&](const SqliteStatement& row) -> Result<void> {
    Hold& hold = holds.emplace_back();
    hold.id = row.integer(0);
    hold.opts.agent = row.bytes(1);
    hold.opts.conversation_id = row.bytes(2);
    hold.opts.since = instant_at(row, 3);
    hold.opts.until = instant_at(row, 4);
    hold.opts.reason = row.bytes(5);
    hold.opts.principal = row.bytes(6);
    hold.created = Timestamp::from_ns(row.integer(7));
    return {};
  });
  if (!done) return fail(done.error());
  return holds;
}

Result<std::vector<Hold>> sqlite_holds(SqliteConnection& connection) {
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  const auto there = sqlite_schema::has_table(connection, "holds");
  if (!there) return fail(there.error());
  if (!*there) return std::vector<Hold>();
  return read_holds(connection);
}

Result<std::int64_t> sqlite_add_hold(SqliteConnection& connection, SqliteWriter& writer,
                                     const HoldOpts& opts) {
  const auto last =
      connection.integer("SELECT coalesce((SELECT value FROM trail WHERE key = 'last_hold'), 0)");
  if (!last) return fail(last.error());
  const auto trail_id = sqlite_schema::trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  const Hold hold{.id = *last + 1, .opts = opts, .created = Timestamp::now()};
  const auto record = hold_added_record(hold, *trail_id);
  if (!record) return fail(record.error());
  auto added = append_record(writer, *record, [&] { return store_hold(connection, hold); });
  if (!added) return fail(added.error());
  return hold.id;
}

Result<void> sqlite_release_hold(SqliteConnection& connection, SqliteWriter& writer,
                                 const HoldRelease& release) {
  const auto holds = read_holds(connection);
  if (!holds) return fail(holds.error());
  const auto trail_id = sqlite_schema::trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  const auto record = hold_released_record(*holds, release, *trail_id);
  if (!record) return fail(record.error());
  return append_record(writer, *record, [&]() -> Result<void> {
    auto erase = connection.prepare("DELETE FROM holds WHERE id = ?1");
    if (!erase) return fail(erase.error());
    erase->bind(1, release.id);
    return erase->run();
  });
}

}  // namespace agentaudit
