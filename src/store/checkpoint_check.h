// Whether a trail's tree is what checkpoints say, for SqliteStore::verify.
#pragma once

#include <cstdint>

#include "agentaudit/core/verification.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

// Compares the roots of the tree, whose stored hashes agree with one another, with the
// trail's own checkpoints and with those of the options. Sets root, level and sealed, and adds
// what disagrees to the findings of integrity. Returns whether the trail was rolled back.
// Errors: invalid_argument (a key), and those of reading.
[[nodiscard]] Result<bool> check_checkpoints(SqliteConnection& connection, std::uint64_t size,
                                             const VerifyOpts& opts, Verification& result);

}  // namespace agentaudit
