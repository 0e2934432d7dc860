#include "ledger/compact_range.h"

#include <string>

#include "ledger/merkle_tree.h"

namespace agentaudit {

void CompactRange::append(const Hash& leaf) { add(leaf, 0); }

Result<void> CompactRange::append_subtree(const Hash& hash, unsigned height) {
  if (height >= 64 || std::uint64_t{1} << height > tree_size_max ||
      size_ > tree_size_max - (std::uint64_t{1} << height)) {
    return fail(ErrorCode::invalid_argument, "a subtree of height " + std::to_string(height) +
                                                 " after " + std::to_string(size_) +
                                                 " leaves makes a tree larger than 2^62");
  }
  if ((size_ & ((std::uint64_t{1} << height) - 1)) != 0) {
    return fail(ErrorCode::invalid_argument, "no complete subtree of height " +
                                                 std::to_string(height) + " begins after " +
                                                 std::to_string(size_) + " leaves");
  }
  add(hash, height);
  return {};
}

void CompactRange::add(Hash hash, unsigned height) {
  for (unsigned bit = height; (size_ >> bit & 1U) != 0; ++bit) {
    hash = node_hash(subtrees_.back(), hash);
    subtrees_.pop_back();
  }
  subtrees_.push_back(hash);
  size_ += std::uint64_t{1} << height;
}

Hash CompactRange::root() const noexcept {
  if (subtrees_.empty()) return empty_root();
  Hash hash = subtrees_.back();
  for (auto left = subtrees_.rbegin() + 1; left != subtrees_.rend(); ++left) {
    hash = node_hash(*left, hash);
  }
  return hash;
}

}  // namespace agentaudit
