// How long the events of a SQLite trail are kept. See SqliteStore::set_retention.
#pragma once

#include <vector>

#include "agentaudit/store/retention.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_writer.h"

namespace agentaudit {

[[nodiscard]] Result<std::vector<RetentionRule>> sqlite_retention(SqliteConnection& connection);

// The caller has the connection to itself, under the trail's lock.
[[nodiscard]] Result<void> sqlite_set_retention(SqliteConnection& connection, SqliteWriter& writer,
                                                const RetentionOpts& opts);
[[nodiscard]] Result<void> sqlite_unset_retention(SqliteConnection& connection,
                                                  SqliteWriter& writer, const RetentionOpts& opts);

}  // namespace agentaudit
