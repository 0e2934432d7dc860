// Whether a trail's tree is what checkpoints say.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agentaudit/core/result.h"
#include "agentaudit/core/verification.h"
#include "ledger/hash.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

struct CheckpointsOfTrail {
  std::vector<std::string> notes{};  // smallest first
  bool was_sealed = false;           // then some must be there
  std::uint64_t size = 0;            // of the tree that is here
  // Whether what is here is a copy whose end may be on its way.
  bool is_copy = false;
  // The root of so many leaves. Errors: not_found (the leaves are not here any more, which
  // makes the trail incomplete), corrupt.
  std::function<Result<Hash>(std::uint64_t size)> root_of{};
};

// Compares the roots of the tree with the trail's own checkpoints and with those of the options,
// for a trail anywhere. Sets root, level and sealed, and adds what disagrees to the findings of
// integrity. Returns whether the trail was rolled back. Errors: invalid_argument (a key), and
// those of root_of.
[[nodiscard]] Result<bool> check_checkpoints(const CheckpointsOfTrail& trail,
                                             const VerifyOpts& opts, Verification& result);

// The same of a trail in a file, whose stored hashes agree with one another. Errors besides:
// those of reading.
[[nodiscard]] Result<bool> check_checkpoints(SqliteConnection& connection, std::uint64_t size,
                                             const VerifyOpts& opts, Verification& result);

}  // namespace agentaudit
