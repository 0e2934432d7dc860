// What questions find events by, beside the columns of sealed chunks: whether it is sound, for
// SqliteStore::verify.
#pragma once

#include "agentaudit/core/event.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

// Whether events are found by their id and origin key, names by their index and id, and no chunk is
// said to be complete that is not. Goes through the pages of both tables. `last_id`: that of the
// last event. Inside of a transaction. Errors: corrupt.
[[nodiscard]] Result<void> check_lookups(SqliteConnection& connection, EventId last_id);

}  // namespace agentaudit
