// The answer to EventReader::groups on a SQLite trail.
#pragma once

#include "agentaudit/core/query.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// Answers from one snapshot. `opts` is validated. Quantiles come from one
// DurationHistogram for each group of the answer: at most 1 % off. Memory grows with the
// number of groups by less than 200 bytes each, and by a histogram for those of the answer.
[[nodiscard]] Result<GroupsResult> sqlite_groups(SqliteReader& reader, const GroupsOpts& opts);

}  // namespace agentaudit
