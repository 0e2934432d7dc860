// What every store that hands out RecordedEvents checks.
#pragma once

#include <vector>

#include "agentaudit/store/proof.h"
#include "ledger/merkle_tree.h"

namespace agentaudit {

// Errors: invalid_argument.
[[nodiscard]] Result<void> check_recorded_limit(std::int64_t limit);

// Compares the events, which come in the order of their ids, with the leaves of a tree of that
// size. Errors: corrupt, not_found (an event without a leaf), and those of the reader.
[[nodiscard]] Result<void> check_leaves(const std::vector<RecordedEvent>& events,
                                        std::uint64_t size, HashReader& leaves);

// The root of the first `size` leaves of a tree of `leaves`, as bytes. Errors: not_found, and
// those of root_of.
[[nodiscard]] Result<std::string> root_bytes(std::int64_t size, std::uint64_t leaves,
                                             HashReader& hashes);

}  // namespace agentaudit
