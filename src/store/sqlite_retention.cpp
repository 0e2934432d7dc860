#include "store/sqlite_retention.h"

#include "store/retention_record.h"
#include "store/sqlite_record.h"
#include "store/sqlite_scan.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

constexpr std::string_view rules_sql = "SELECT category, days FROM retention ORDER BY category";
constexpr std::string_view set_sql =
    "INSERT INTO retention(category, days) VALUES (?1, ?2)"
    " ON CONFLICT(category) DO UPDATE SET days = excluded.days";
constexpr std::string_view unset_sql = "DELETE FROM retention WHERE category = ?1";

Result<void> change(SqliteConnection& connection, SqliteWriter& writer, const RetentionOpts& opts,
                    bool set) {
  const auto rules = sqlite_retention(connection);
  if (!rules) return fail(rules.error());
  const auto trail_id = sqlite_schema::trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  const auto record = set ? retention_set_record(*rules, opts, *trail_id)
                          : retention_unset_record(*rules, opts, *trail_id);
  if (!record) return fail(record.error());
  return append_record(writer, *record, [&]() -> Result<void> {
    auto statement = connection.prepare(set ? set_sql : unset_sql);
    if (!statement) return fail(statement.error());
    statement->bind_text(1, opts.category);
    if (set) statement->bind(2, opts.days);
    return statement->run();
  });
}

}  // namespace

Result<std::vector<RetentionRule>> sqlite_retention(SqliteConnection& connection) {
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  const auto there = sqlite_schema::has_table(connection, "retention");
  if (!there) return fail(there.error());
  std::vector<RetentionRule> rules;
  // A trail of a version that has none.
  if (!*there) return rules;
  auto select = connection.prepare(rules_sql);
  if (!select) return fail(select.error());
  auto done = for_each_row(*select, [&](const SqliteStatement& row) -> Result<void> {
    rules.push_back({.category = std::string(row.bytes(0)), .days = row.integer(1)});
    return {};
  });
  if (!done) return fail(done.error());
  return rules;
}

Result<void> sqlite_set_retention(SqliteConnection& connection, SqliteWriter& writer,
                                  const RetentionOpts& opts) {
  return change(connection, writer, opts, true);
}

Result<void> sqlite_unset_retention(SqliteConnection& connection, SqliteWriter& writer,
                                    const RetentionOpts& opts) {
  return change(connection, writer, opts, false);
}

}  // namespace agentaudit
