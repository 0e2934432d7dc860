// Erasing a text of an event from a trail in PostgreSQL. See Store::redact.
#pragma once

#include <string>

#include "agentaudit/store/store.h"
#include "store/postgres_writer.h"

namespace agentaudit {

struct PostgresRedaction {
  EventId record = 0;  // the id of the `redacted` event
  std::string month;   // the partition that has the row's old version until it is vacuumed
};

// Leaves its transaction open. Errors: not_found, permission, those of redacted_record, and those
// of a write.
[[nodiscard]] Result<PostgresRedaction> postgres_redact(PostgresWriter& writer,
                                                        const RedactOpts& opts);

}  // namespace agentaudit
