// The legal holds of a SQLite trail. See SqliteStore::add_hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentaudit/store/hold.h"
#include "store/hold_record.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_writer.h"

namespace agentaudit {

// A condition over a row of `events`: whether it is under a hold. Evaluates the holds as they
// are when the statement around it begins. "0" where there are none, or the trail is of a
// version that has none.
[[nodiscard]] Result<std::string> held_sql(SqliteConnection& connection);

// Oldest first. Inside of a transaction, or under the trail's lock.
[[nodiscard]] Result<std::vector<Hold>> read_holds(SqliteConnection& connection);
[[nodiscard]] Result<std::vector<Hold>> sqlite_holds(SqliteConnection& connection);

// The caller has the connection to itself, under the trail's lock.
[[nodiscard]] Result<std::int64_t> sqlite_add_hold(SqliteConnection& connection,
                                                   SqliteWriter& writer, const HoldOpts& opts);
[[nodiscard]] Result<void> sqlite_release_hold(SqliteConnection& connection, SqliteWriter& writer,
                                               const HoldRelease& release);

}  // namespace agentaudit
