#include "store/postgres_redact.h"

#include "core/bytes.h"
#include "ledger/leaf.h"
#include "store/postgres_holds.h"
#include "store/postgres_leaf.h"
#include "store/postgres_record.h"
#include "store/postgres_sql.h"
#include "store/redaction_record.h"
#include "store/sql_columns.h"

namespace agentaudit {
namespace {

using postgres_sql::bytea;
using postgres_sql::int64;
using postgres_sql::literal;

constexpr PostgresRight to_redact = {
    .condition =
        "has_column_privilege('agentaudit_events', 'erased_detail', 'UPDATE')"
        " AND has_table_privilege('agentaudit_origins', 'DELETE')",
    .act = "redact events"};

// What is set where a text is erased.
std::string erased(const RedactionSubject& subject, SecretField field) {
  const bool is_summary = field == SecretField::summary;
  const std::string column = is_summary ? "summary" : "detail";
  const std::string_view text = is_summary ? subject.event.summary : subject.event.detail;
  // Of a row that is damaged, a commitment that no leaf has.
  const Hash commitment = kept_commitment(field, text, subject.nonce, {}).value_or(Hash{});
  return ", " + column + " = " + literal(is_summary ? redacted_summary : redacted_detail) +
         ", erased_" + column + " = " + bytea(view_of(commitment));
}

// Returns the partition that has the row.
Result<std::string> erase(PostgresConnection& connection, const RedactOpts& opts,
                          const RedactionSubject& subject) {
  std::string sql = "UPDATE agentaudit_events SET nonce = " + bytea(nonce_after(opts, subject));
  if (opts.summary) sql += erased(subject, SecretField::summary);
  if (opts.detail) sql += erased(subject, SecretField::detail);
  const auto rows = connection.ask(sql + " WHERE id = " + int64(opts.id) +
                                   " AND timestamp = " + int64(subject.event.timestamp.ns()) +
                                   " RETURNING tableoid::regclass::text");
  if (!rows) return fail(rows.error());
  if (rows->size() == 0) return fail(no_event_to_redact(opts.id));
  auto forgotten = connection.run("DELETE FROM agentaudit_origins WHERE id = " + int64(opts.id));
  if (!forgotten) return fail(forgotten.error());
  return std::string(rows->row(0).bytes());
}

}  // namespace

Result<PostgresRedaction> postgres_redact(PostgresWriter& writer, const RedactOpts& opts) {
  if (auto locked = lock_to(writer, to_redact); !locked) return fail(locked.error());
  PostgresConnection& connection = writer.connection();
  const auto trail_id = postgres_trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  const auto holds = postgres_holds(connection);
  if (!holds) return fail(holds.error());
  const auto rows = connection.ask("SELECT " + std::string(sql_columns::of_event) +
                                   std::string(postgres_leaf::columns) + "id = " + int64(opts.id));
  if (!rows) return fail(rows.error());
  if (rows->size() == 0) return fail(no_event_to_redact(opts.id));
  const RecordedEvent recorded = postgres_leaf::read(rows->row(0));
  const RedactionSubject subject{.event = recorded.event,
                                 .nonce = recorded.nonce,
                                 .erased = {.id = opts.id,
                                            .summary = !recorded.erased_summary.empty(),
                                            .detail = !recorded.erased_detail.empty()}};
  const auto record = redacted_record(opts, subject, *holds, *trail_id);
  if (!record) return fail(record.error());
  auto month = erase(connection, opts, subject);
  if (!month) return fail(month.error());
  const auto appended = append_record(writer, *record);
  if (!appended) return fail(appended.error());
  return PostgresRedaction{.record = *appended, .month = std::move(*month)};
}

}  // namespace agentaudit
