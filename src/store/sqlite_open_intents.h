// The answer to EventReader::open_intents on a SQLite trail.
#pragma once

#include "agentaudit/core/query.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// Answers from one snapshot. `opts` is validated.
[[nodiscard]] Result<OpenIntentsResult> sqlite_open_intents(SqliteReader& reader,
                                                            const OpenIntentsOpts& opts);

}  // namespace agentaudit
