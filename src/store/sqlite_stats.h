// The answer to EventReader::stats on a SQLite trail.
#pragma once

#include "agentaudit/core/query.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// Answers from one snapshot. `opts` is validated.
[[nodiscard]] Result<Stats> sqlite_stats(SqliteReader& reader, const StatsOpts& opts);

}  // namespace agentaudit
