// The answer to EventReader::conversations on a SQLite trail.
#pragma once

#include "agentaudit/core/query.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// Answers from one snapshot. `opts` is validated. Memory grows with the number of
// conversations in the range of time.
[[nodiscard]] Result<ConversationsResult> sqlite_conversations(SqliteReader& reader,
                                                               const ConversationsOpts& opts);

}  // namespace agentaudit
