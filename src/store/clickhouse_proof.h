// Evidence bundles and tiles out of a trail in a fleet. See Store::bundle and Store::tiles.
#pragma once

#include <stop_token>
#include <string>

#include "agentaudit/store/proof.h"
#include "store/clickhouse_client.h"
#include "store/clickhouse_tree.h"

namespace agentaudit {

// Of the client's one trail, by the newest checkpoint that was shipped and whose events are all
// here. Errors besides: those of ClickhouseTree::read.
[[nodiscard]] Result<std::string> clickhouse_bundle(const ClickhouseClient& client,
                                                    ClickhouseTree& tree, const BundleOpts& opts);
[[nodiscard]] Result<TileCounts> clickhouse_tiles(const ClickhouseClient& client,
                                                  ClickhouseTree& tree, const TileOpts& opts,
                                                  const std::stop_token& stop);

}  // namespace agentaudit
