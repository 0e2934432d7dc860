// What questions find events by, beside the columns of sealed chunks: whether it is sound, for
// SqliteStore::verify.
#pragma once

#include "agentaudit/core/event.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

// Whether names are found by their index, and no chunk is said to be complete that is not.
// `last_id`: that of the last event. Inside of a transaction. Errors: corrupt.
[[nodiscard]] Result<void> check_lookups(SqliteConnection& connection, EventId last_id);

}  // namespace agentaudit
