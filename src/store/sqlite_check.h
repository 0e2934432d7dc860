// What can be said of a SQLite trail as a file: facts, and whether it is sound.
#pragma once

#include "agentaudit/store/sqlite_store.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// Everything but the path.
[[nodiscard]] Result<SqliteStoreInfo> sqlite_info(SqliteConnection& connection);

// See SqliteStore::check.
[[nodiscard]] Result<void> sqlite_check(SqliteReader& reader);

}  // namespace agentaudit
