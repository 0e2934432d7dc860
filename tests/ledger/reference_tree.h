// ReferenceTree: RFC 6962's definitions, written down as they stand there, for tests to
// compare with; and readers of hashes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ledger/merkle_tree.h"

namespace agentaudit {

class ReferenceTree {
 public:
  explicit ReferenceTree(std::uint64_t size) {
    for (std::uint64_t i = 0; i < size; ++i) leaves_.push_back(leaf_hash(std::to_string(i)));
  }

  explicit ReferenceTree(std::vector<Hash> leaves) : leaves_(std::move(leaves)) {}

  [[nodiscard]] std::uint64_t size() const { return leaves_.size(); }
  [[nodiscard]] const Hash& leaf(std::uint64_t index) const { return leaves_[index]; }

  // MTH(D[first:end]).
  [[nodiscard]] Hash root(std::uint64_t first, std::uint64_t end) const {
    if (first == end) return empty_root();
    if (end - first == 1) return leaves_[first];
    const auto known = roots_.find({first, end});
    if (known != roots_.end()) return known->second;
    const std::uint64_t k = split(end - first);
    const Hash hash = node_hash(root(first, first + k), root(first + k, end));
    roots_.emplace(std::pair(first, end), hash);
    return hash;
  }
  [[nodiscard]] Hash root(std::uint64_t size) const { return root(0, size); }

  // PATH(m, D[first:end]), where m counts from the first.
  [[nodiscard]] std::vector<Hash> path(std::uint64_t m, std::uint64_t first,
                                       std::uint64_t end) const {
    if (end - first == 1) return {};
    const std::uint64_t k = split(end - first);
    std::vector<Hash> hashes;
    if (m < k) {
      hashes = path(m, first, first + k);
      hashes.push_back(root(first + k, end));
    } else {
      hashes = path(m - k, first + k, end);
      hashes.push_back(root(first, first + k));
    }
    return hashes;
  }

  // SUBPROOF(m, D[first:end], complete).
  [[nodiscard]] std::vector<Hash> subproof(std::uint64_t m, std::uint64_t first, std::uint64_t end,
                                           bool complete) const {
    if (m == end - first) {
      if (complete) return {};
      return {root(first, end)};
    }
    const std::uint64_t k = split(end - first);
    std::vector<Hash> hashes;
    if (m <= k) {
      hashes = subproof(m, first, first + k, complete);
      hashes.push_back(root(first + k, end));
    } else {
      hashes = subproof(m - k, first + k, end, false);
      hashes.push_back(root(first, first + k));
    }
    return hashes;
  }

  // The largest power of two that is less than n.
  [[nodiscard]] static std::uint64_t split(std::uint64_t n) {
    std::uint64_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  }

 private:
  std::vector<Hash> leaves_;
  mutable std::map<std::pair<std::uint64_t, std::uint64_t>, Hash> roots_;
};

// The hashes of the first `size` leaves of a reference tree. Notes which blocks of 256
// leaves were read at level 0, and how many hashes of each level. What is not in the tree
// of that size, or in a block that is gone, is not_found.
class ReferenceReader final : public HashReader {
 public:
  ReferenceReader(const ReferenceTree& tree, std::uint64_t size) : tree_(tree), size_(size) {}

  Result<void> read(int level, std::uint64_t first, std::span<Hash> out) override {
    if (level < 0 || first + out.size() > hashes_of_level(level, size_)) {
      return fail(ErrorCode::not_found, "beyond the tree");
    }
    const std::uint64_t leaves = std::uint64_t{1} << (8 * level);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::uint64_t begin = (first + i) * leaves;
      if (level == 0) blocks.insert(begin / tile_width);
      if (level == 0 && gone.contains(begin / tile_width)) {
        return fail(ErrorCode::not_found, "the leaves of that block are gone");
      }
      out[i] = tree_.get().root(begin, begin + leaves);
    }
    reads[level] += out.size();
    return {};
  }

  std::set<std::uint64_t> gone;
  std::set<std::uint64_t> blocks;
  std::map<int, std::uint64_t> reads;

 private:
  std::reference_wrapper<const ReferenceTree> tree_;
  std::uint64_t size_;
};

// A tree of any size whose leaves are all the same.
class UniformReader final : public HashReader {
 public:
  Result<void> read(int level, std::uint64_t first, std::span<Hash> out) override {
    Hash hash = leaf_hash("leaf");
    for (int height = 0; height < 8 * level; ++height) hash = node_hash(hash, hash);
    for (Hash& each : out) each = hash;
    reads[level] += out.size();
    last[level] = std::max(last[level], first + out.size());
    return {};
  }

  std::map<int, std::uint64_t> reads;
  std::map<int, std::uint64_t> last;
};

}  // namespace agentaudit
