// Checking the ledger of a SQLite trail. See SqliteStore::verify.
#pragma once

#include <stop_token>

#include "agentaudit/core/verification.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// On as many threads as the reader's team has members. Errors: those of reading.
[[nodiscard]] Result<Verification> sqlite_verify(SqliteReader& reader, const VerifyOpts& opts);

}  // namespace agentaudit
