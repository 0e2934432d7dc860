// RunningTree: the tree of leaves that come one after the other, as the roots of the complete
// subtrees that make it up (RFC 6962, section 2.1).
#pragma once

#include <cstdint>
#include <vector>

#include "ledger/hash.h"

namespace agentaudit {

// Not thread-safe.
class RunningTree {
 public:
  void add(const Hash& leaf);
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  // Of the leaves so far.
  [[nodiscard]] Hash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> subtrees_;  // from left to right, one for each bit of the size
};

}  // namespace agentaudit
