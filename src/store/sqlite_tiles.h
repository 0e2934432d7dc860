// The tree of a SQLite trail as files for others to read (C2SP tlog-tiles). See
// SqliteStore::tiles.
#pragma once

#include "agentaudit/store/sqlite_store.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

[[nodiscard]] Result<TileCounts> sqlite_tiles(SqliteConnection& connection, const TileOpts& opts);

}  // namespace agentaudit
