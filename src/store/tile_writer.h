// The tree of a trail as files for others to read (C2SP tlog-tiles). See Store::tiles.
#pragma once

#include "agentaudit/store/proof.h"
#include "store/proof_source.h"

namespace agentaudit {

[[nodiscard]] Result<TileCounts> write_tiles(ProofSource source, const TileOpts& opts);

}  // namespace agentaudit
