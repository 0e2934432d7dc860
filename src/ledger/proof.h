// Checks of proofs, for those who have a root and no tree: RFC 9162, sections 2.1.3.2 and
// 2.1.4.2.
//
// Errors: invalid_argument (sizes or an index that no proof could fit), corrupt (the proof
// does not lead to the root, or has too few or too many hashes). Safe from any thread.
//
// A size is checked as far as it shapes the proof, no further: what is proved is the root,
// and that a root is of so many leaves is the word of the checkpoint that holds both.
#pragma once

#include <cstdint>
#include <span>

#include "agentaudit/core/result.h"
#include "ledger/hash.h"

namespace agentaudit {

// That the leaf with this hash is leaf `index` of the tree of `size` leaves.
[[nodiscard]] Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size,
                                            const Hash& leaf, std::span<const Hash> proof,
                                            const Hash& root);

// That the old tree is the beginning of the new one. If both have one size, the roots are
// the same and the proof is empty. An old tree without leaves is an invalid_argument: it is
// the beginning of any, so nothing would be proved of the new one.
[[nodiscard]] Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                              const Hash& old_root, const Hash& new_root,
                                              std::span<const Hash> proof);

}  // namespace agentaudit
