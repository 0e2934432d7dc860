// Evidence bundles and tiles out of a SQLite trail. See Store::bundle and Store::tiles.
#pragma once

#include <string>

#include "agentaudit/store/proof.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

[[nodiscard]] Result<std::string> sqlite_bundle(SqliteConnection& connection,
                                                const BundleOpts& opts);
[[nodiscard]] Result<TileCounts> sqlite_tiles(SqliteConnection& connection, const TileOpts& opts);

}  // namespace agentaudit
