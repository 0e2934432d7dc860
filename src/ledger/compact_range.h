// CompactRange: the root of the leaves that were added so far, without keeping them. It
// holds the hashes of the complete subtrees that the leaves make up, one for each bit that
// is set in their number (RFC 6962, section 2.1).
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "agentaudit/core/result.h"
#include "ledger/hash.h"

namespace agentaudit {

class CompactRange {
 public:
  // In leaves.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  void append(const Hash& leaf);
  // Adds 2^height leaves by the hash of their subtree. Errors: invalid_argument (the leaves
  // before it do not end where such a subtree begins; over tree_size_max).
  [[nodiscard]] Result<void> append_subtree(const Hash& hash, unsigned height);

  [[nodiscard]] Hash root() const noexcept;

 private:
  // `hash` ends the tree, at a height where no bit of size_ below is set.
  void add(Hash hash, unsigned height);

  std::uint64_t size_ = 0;
  std::vector<Hash> subtrees_;  // the largest, which is the leftmost, first
};

}  // namespace agentaudit
