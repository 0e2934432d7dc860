// Appends a record of the trail's own to a trail in PostgreSQL, in one transaction with what it
// is about.
#pragma once

#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "store/postgres_writer.h"

namespace agentaudit {

// What a role must be let do.
struct PostgresRight {
  std::string_view condition;  // of SQL: whether it is
  std::string_view act;        // as in "this role may not …"
};

// Begins a transaction that has the trail's lock, where the role may do what is to be done in it.
// Errors besides those of PostgresWriter::lock: permission.
[[nodiscard]] Result<void> lock_to(PostgresWriter& writer, const PostgresRight& right);

// In that transaction. Returns the record's id. Errors: too_large, and those of a write.
[[nodiscard]] Result<EventId> append_record(PostgresWriter& writer, const Event& record);

[[nodiscard]] Result<std::string> postgres_trail_id(PostgresConnection& connection);

}  // namespace agentaudit
