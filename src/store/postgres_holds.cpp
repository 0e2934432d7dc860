#include "store/postgres_holds.h"

#include <optional>

#include "store/postgres_record.h"
#include "store/postgres_sql.h"

namespace agentaudit {
namespace {

using postgres_sql::int64;
using postgres_sql::literal;

constexpr PostgresRight to_add = {.condition = "has_table_privilege('agentaudit_holds', 'INSERT')",
                                  .act = "hold events"};
constexpr PostgresRight to_release = {
    .condition = "has_table_privilege('agentaudit_holds', 'DELETE')", .act = "release holds"};

constexpr std::string_view select_holds =
    "SELECT id, agent, conversation, since IS NOT NULL, since, until IS NOT NULL, until, reason,"
    " principal, created FROM agentaudit_holds ORDER BY id";

std::optional<Timestamp> read_instant(PostgresRows::Row& row) {
  const bool there = row.number() != 0;
  const std::int64_t ns = row.number();
  return there ? std::optional(Timestamp::from_ns(ns)) : std::nullopt;
}

std::string value_or_null(const std::string& text) { return text.empty() ? "NULL" : literal(text); }

std::string value_or_null(const std::optional<Timestamp>& instant) {
  return instant ? int64(instant->ns()) : "NULL";
}

}  // namespace

std::string held_by(const std::vector<Hold>& holds) {
  std::string any;
  // Most holds are of a name alone: of these a thousand cost no more than one.
  std::vector<std::string> agents;
  std::vector<std::string> conversations;
  const auto add = [&any](const SqlWhere& where) {
    any.append(any.empty() ? "((" : " OR (").append(where.text()).append(")");
  };
  for (const Hold& hold : holds) {
    const HoldOpts& opts = hold.opts;
    const bool any_time = !opts.since && !opts.until;
    if (any_time && !opts.agent.empty() && opts.conversation_id.empty()) {
      agents.push_back(opts.agent);
    } else if (any_time && opts.agent.empty() && !opts.conversation_id.empty()) {
      conversations.push_back(opts.conversation_id);
    } else {
      SqlWhere where(postgres_sql::dialect);
      where.equals("agent", opts.agent);
      where.equals("conversation", opts.conversation_id);
      where.within(opts.since, opts.until);
      add(where);
    }
  }
  const auto add_names = [&](std::string_view column, const std::vector<std::string>& names) {
    SqlWhere where(postgres_sql::dialect);
    where.among(column, names);
    if (!names.empty()) add(where);
  };
  add_names("agent", agents);
  add_names("conversation", conversations);
  return any.empty() ? "FALSE" : any + ')';
}

Result<std::vector<Hold>> postgres_holds(PostgresConnection& connection) {
  const auto rows = connection.ask(std::string(select_holds));
  if (!rows) return fail(rows.error());
  std::vector<Hold> holds;
  for (int i = 0; i < rows->size(); ++i) {
    PostgresRows::Row row = rows->row(i);
    Hold& hold = holds.emplace_back();
    hold.id = row.number();
    hold.opts.agent = row.text();
    hold.opts.conversation_id = row.text();
    hold.opts.since = read_instant(row);
    hold.opts.until = read_instant(row);
    hold.opts.reason = row.text();
    hold.opts.principal = row.text();
    hold.created = Timestamp::from_ns(row.number());
  }
  return holds;
}

Result<std::int64_t> postgres_add_hold(PostgresWriter& writer, const HoldOpts& opts) {
  if (auto locked = lock_to(writer, to_add); !locked) return fail(locked.error());
  PostgresConnection& connection = writer.connection();
  const auto last = connection.number("SELECT last_hold FROM agentaudit_trail");
  if (!last) return fail(last.error());
  const auto trail_id = postgres_trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  const Hold hold{.id = *last + 1, .opts = opts, .created = Timestamp::now()};
  const auto record = hold_added_record(hold, *trail_id);
  if (!record) return fail(record.error());
  // First, for it checks the lengths.
  if (auto appended = append_record(writer, *record); !appended) return fail(appended.error());
  const std::string id = int64(hold.id);
  auto added = connection.run(
      "INSERT INTO agentaudit_holds(id, agent, conversation, since, until, reason, principal,"
      " created) VALUES (" +
      id + ", " + value_or_null(opts.agent) + ", " + value_or_null(opts.conversation_id) + ", " +
      value_or_null(opts.since) + ", " + value_or_null(opts.until) + ", " + literal(opts.reason) +
      ", " + literal(opts.principal) + ", " + int64(hold.created.ns()) +
      "); UPDATE agentaudit_trail SET last_hold = " + id);
  if (!added) return fail(added.error());
  return hold.id;
}

Result<void> postgres_release_hold(PostgresWriter& writer, const HoldRelease& release) {
  if (auto locked = lock_to(writer, to_release); !locked) return locked;
  PostgresConnection& connection = writer.connection();
  const auto holds = postgres_holds(connection);
  if (!holds) return fail(holds.error());
  const auto trail_id = postgres_trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  const auto record = hold_released_record(*holds, release, *trail_id);
  if (!record) return fail(record.error());
  if (auto appended = append_record(writer, *record); !appended) return fail(appended.error());
  return connection.run("DELETE FROM agentaudit_holds WHERE id = " + int64(release.id));
}

}  // namespace agentaudit
