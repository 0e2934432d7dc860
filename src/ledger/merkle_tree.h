// The ledger's tree (RFC 6962, section 2.1) as the hashes that a store keeps of it: those
// of level k are the hashes of the complete subtrees of 256^k leaves, from left to right;
// level 0 is the leaves (C2SP tlog-tiles). Every root and proof follows from at most a few
// hundred of each level.
//
// Which level-0 hashes are asked for: those of the blocks of 256 leaves that hold the leaf
// of an inclusion proof, or the last leaf of the old tree of a consistency proof, and those
// of the last, incomplete block. The leaves of all other blocks may be gone.
//
// Errors: invalid_argument, and those of the reader. Safe from any thread if the reader is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agentaudit/core/result.h"
#include "ledger/hash.h"

namespace agentaudit {

// Hashes of one level that make up one of the next.
inline constexpr std::uint64_t tile_width = 256;
// In leaves.
inline constexpr std::uint64_t tree_size_max = std::uint64_t{1} << 62U;

// The hash above the hashes of adjoining complete subtrees of one size: a power of two of
// them, tile_width at most.
[[nodiscard]] Hash subtree_hash(std::span<const Hash> hashes) noexcept;

class HashReader {
 public:
  HashReader() = default;
  HashReader(const HashReader&) = delete;
  HashReader& operator=(const HashReader&) = delete;
  virtual ~HashReader() = default;

  // Fills `out` with the hashes of a level from `first` on; all of them lie in the tree that
  // was asked about.
  [[nodiscard]] virtual Result<void> read(int level, std::uint64_t first, std::span<Hash> out) = 0;
};

// How many hashes a level has in a tree of that size.
[[nodiscard]] constexpr std::uint64_t hashes_of_level(int level, std::uint64_t size) noexcept {
  return level < 8 ? size >> (8U * static_cast<unsigned>(level)) : 0;
}

// The root of the first `size` leaves.
[[nodiscard]] Result<Hash> root_of(std::uint64_t size, HashReader& reader);

// That leaf `index` is in the tree of `size` leaves (RFC 6962, section 2.1.1).
[[nodiscard]] Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                        HashReader& reader);

// That the first `old_size` of `new_size` leaves are the old tree (RFC 6962, section
// 2.1.2). Empty if both are the same. No old tree is empty: that would prove nothing.
[[nodiscard]] Result<std::vector<Hash>> consistency_proof(std::uint64_t old_size,
                                                          std::uint64_t new_size,
                                                          HashReader& reader);

}  // namespace agentaudit
