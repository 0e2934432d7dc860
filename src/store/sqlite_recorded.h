// The events of a SQLite trail as it recorded them, for others to keep.
#pragma once

#include <string>
#include <vector>

#include "agentaudit/store/proof.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

// See Store::recorded and Store::root_at.
[[nodiscard]] Result<std::vector<RecordedEvent>> sqlite_recorded(SqliteConnection& connection,
                                                                 EventId after, std::int64_t limit);
[[nodiscard]] Result<std::string> sqlite_root_at(SqliteConnection& connection, std::int64_t size);

}  // namespace agentaudit
