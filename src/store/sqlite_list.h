// The answer to EventReader::list on a SQLite trail.
#pragma once

#include <chrono>

#include "agentaudit/core/query.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// Answers from one snapshot. `opts` is validated. A search counts for at most
// `search_total_budget` beyond its page unless opts.total asks for more.
[[nodiscard]] Result<ListResult> sqlite_list(SqliteReader& reader, const ListOpts& opts,
                                             std::chrono::milliseconds search_total_budget);

}  // namespace agentaudit
