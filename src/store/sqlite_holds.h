// The legal holds of a SQLite trail. See SqliteStore::add_hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentaudit/store/hold.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_writer.h"

namespace agentaudit {

// A condition over a row of `events`: whether it is under a hold. Evaluates the holds as they
// are when the statement around it begins. "0" where there are none, or the trail is of a
// version that has none.
[[nodiscard]] Result<std::string> held_sql(SqliteConnection& connection);

// The first hold that the event is under.
[[nodiscard]] Result<std::optional<Hold>> hold_of(SqliteConnection& connection, EventId id);

[[nodiscard]] Result<std::vector<Hold>> sqlite_holds(SqliteConnection& connection);

// The caller has the connection to itself, under the trail's lock.
[[nodiscard]] Result<std::int64_t> sqlite_add_hold(SqliteConnection& connection,
                                                   SqliteWriter& writer, const HoldOpts& opts);
[[nodiscard]] Result<void> sqlite_release_hold(SqliteConnection& connection, SqliteWriter& writer,
                                               std::int64_t id, const std::string& principal,
                                               const std::string& reason);

}  // namespace agentaudit
