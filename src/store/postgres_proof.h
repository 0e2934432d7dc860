// Evidence bundles and tiles out of a trail in PostgreSQL. See Store::bundle and Store::tiles.
#pragma once

#include <string>

#include "agentaudit/store/proof.h"
#include "store/postgres_connection.h"

namespace agentaudit {

// Inside of a transaction that keeps its snapshot.
[[nodiscard]] Result<std::string> postgres_bundle(PostgresConnection& connection,
                                                  const BundleOpts& opts);
[[nodiscard]] Result<TileCounts> postgres_tiles(PostgresConnection& connection,
                                                const TileOpts& opts);

}  // namespace agentaudit
