#include "store/postgres_retention.h"

#include "store/postgres_record.h"
#include "store/postgres_sql.h"
#include "store/retention_record.h"

namespace agentaudit {
namespace {

constexpr PostgresRight to_change = {
    .condition =
        "has_table_privilege('agentaudit_retention', 'INSERT')"
        " AND has_table_privilege('agentaudit_retention', 'UPDATE')"
        " AND has_table_privilege('agentaudit_retention', 'DELETE')",
    .act = "change how long events are kept"};

using RecordOf = Result<Event> (*)(const std::vector<RetentionRule>&, const RetentionOpts&,
                                   std::string_view trail_id);

Result<void> change(PostgresWriter& writer, const RetentionOpts& opts, RecordOf record_of,
                    const std::string& sql) {
  if (auto locked = lock_to(writer, to_change); !locked) return locked;
  const auto rules = postgres_retention(writer.connection());
  if (!rules) return fail(rules.error());
  const auto trail_id = postgres_trail_id(writer.connection());
  if (!trail_id) return fail(trail_id.error());
  const auto record = record_of(*rules, opts, *trail_id);
  if (!record) return fail(record.error());
  if (auto appended = append_record(writer, *record); !appended) return fail(appended.error());
  return writer.connection().run(sql);
}

}  // namespace

Result<std::vector<RetentionRule>> postgres_retention(PostgresConnection& connection) {
  const auto rows =
      connection.ask("SELECT category, days FROM agentaudit_retention ORDER BY category");
  if (!rows) return fail(rows.error());
  std::vector<RetentionRule> rules;
  for (int i = 0; i < rows->size(); ++i) {
    PostgresRows::Row row = rows->row(i);
    RetentionRule& rule = rules.emplace_back();
    rule.category = row.text();
    rule.days = row.number();
  }
  return rules;
}

Result<void> postgres_set_retention(PostgresWriter& writer, const RetentionOpts& opts) {
  return change(writer, opts, retention_set_record,
                "INSERT INTO agentaudit_retention(category, days) VALUES (" +
                    postgres_sql::literal(opts.category) + ", " + postgres_sql::int64(opts.days) +
                    ") ON CONFLICT (category) DO UPDATE SET days = excluded.days");
}

Result<void> postgres_unset_retention(PostgresWriter& writer, const RetentionOpts& opts) {
  return change(
      writer, opts, retention_unset_record,
      "DELETE FROM agentaudit_retention WHERE category = " + postgres_sql::literal(opts.category));
}

}  // namespace agentaudit
