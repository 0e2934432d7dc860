#include "ledger/proof.h"

#include <bit>
#include <string>

namespace agentaudit {
namespace {

// The way from a node up to the root: fn and sn of RFC 9162, the number of the node on its
// height and that of the last one there.
struct Path {
  std::uint64_t node = 0;
  std::uint64_t last = 0;

  [[nodiscard]] bool at_root() const { return last == 0; }
  // Whether what the proof gives next stands to the left.
  [[nodiscard]] bool sibling_is_left() const { return (node & 1U) != 0 || node == last; }
  // To the height where the node has been put together with its sibling. The last node of a
  // height may have none there, and moves up as it is.
  void ascend() {
    if (node == last) {
      while ((node & 1U) == 0 && node != 0) shift();
    }
    shift();
  }
  void shift() {
    node >>= 1U;
    last >>= 1U;
  }
};

tl::unexpected<Error> too_few(std::span<const Hash> proof) {
  return fail(ErrorCode::corrupt,
              "the proof ends below the root, after " + std::to_string(proof.size()) + " hashes");
}

tl::unexpected<Error> too_many(std::span<const Hash> proof) {
  return fail(ErrorCode::corrupt, "the proof has more than it needs in its " +
                                      std::to_string(proof.size()) + " hashes");
}

}  // namespace

Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                              std::span<const Hash> proof, const Hash& root) {
  if (index >= size) {
    return fail(ErrorCode::invalid_argument, "leaf " + std::to_string(index) +
                                                 " is not in a tree of " + std::to_string(size) +
                                                 " leaves");
  }
  Path path{.node = index, .last = size - 1};
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (path.at_root()) return too_many(proof);
    hash = path.sibling_is_left() ? node_hash(sibling, hash) : node_hash(hash, sibling);
    path.ascend();
  }
  if (!path.at_root()) return too_few(proof);
  if (hash != root) return fail(ErrorCode::corrupt, "the inclusion proof leads to another root");
  return {};
}

Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                const Hash& old_root, const Hash& new_root,
                                std::span<const Hash> proof) {
  if (old_size == 0 || old_size > new_size) {
    return fail(ErrorCode::invalid_argument, "a tree of " + std::to_string(old_size) +
                                                 " leaves proves nothing of one of " +
                                                 std::to_string(new_size));
  }
  if (old_size == new_size) {
    if (!proof.empty()) return too_many(proof);
    if (old_root != new_root) {
      return fail(ErrorCode::corrupt, "the trees have the same size and other roots");
    }
    return {};
  }

  // The last complete subtree of the old tree.
  Path path{.node = old_size - 1, .last = new_size - 1};
  while ((path.node & 1U) != 0) path.shift();
  Hash start = old_root;  // where that subtree is all of the old tree
  std::span<const Hash> siblings = proof;
  if (!std::has_single_bit(old_size)) {
    if (proof.empty()) return too_few(proof);
    start = proof.front();
    siblings = proof.subspan(1);
  }
  Hash old_hash = start;
  Hash new_hash = start;
  for (const Hash& sibling : siblings) {
    if (path.at_root()) return too_many(proof);
    if (path.sibling_is_left()) {
      old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    path.ascend();
  }
  if (!path.at_root()) return too_few(proof);
  if (old_hash != old_root) {
    return fail(ErrorCode::corrupt, "the consistency proof leads to another old root");
  }
  if (new_hash != new_root) {
    return fail(ErrorCode::corrupt, "the consistency proof leads to another new root");
  }
  return {};
}

}  // namespace agentaudit
