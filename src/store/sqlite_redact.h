// Erasing a text of an event from a SQLite trail. See SqliteStore::redact.
#pragma once

#include <string>

#include "agentaudit/store/sqlite_store.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_writer.h"

namespace agentaudit {

// The caller has the connection to itself, under the trail's lock. Appends the `redacted`
// event and erases the text in one transaction, and empties the log. Returns the id of the
// event. Errors: not_found, invalid_argument (it is redacted already, a record of the trail
// itself, or under a hold), busy (readers hold the log, which has the text until they are done),
// and those of a write.
[[nodiscard]] Result<EventId> sqlite_redact(SqliteConnection& connection, SqliteWriter& writer,
                                            const RedactOpts& opts);

}  // namespace agentaudit
