#include "store/postgres_record.h"

namespace agentaudit {

Result<void> lock_to(PostgresWriter& writer, const PostgresRight& right) {
  // Asked before the lock, which a role that may only read cannot take.
  const auto may = writer.connection().number("SELECT " + std::string(right.condition));
  if (!may) return fail(may.error());
  if (*may == 0) {
    return fail(ErrorCode::permission, "this role may not " + std::string(right.act) +
                                           "; agentaudit_pruner may (docs/postgres.md)");
  }
  return writer.lock();
}

Result<EventId> append_record(PostgresWriter& writer, const Event& record) {
  const EventView view(record);
  if (auto checked = check_limits(view); !checked) return fail(checked.error());
  const auto ids = writer.append_in_lock({&view, 1}, {});
  if (!ids) return fail(ids.error());
  return ids->last;
}

Result<std::string> postgres_trail_id(PostgresConnection& connection) {
  const auto row = connection.ask("SELECT trail_id FROM agentaudit_trail");
  if (!row) return fail(row.error());
  return row->row(0).text();
}

}  // namespace agentaudit
