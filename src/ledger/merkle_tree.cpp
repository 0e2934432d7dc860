#include "ledger/merkle_tree.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <string>

namespace agentaudit {
namespace {

// Heights that lie between two levels.
constexpr unsigned level_height = 8;
static_assert(tile_width == std::uint64_t{1} << level_height);

// Leaves from `first` up to and without `end`. All ranges here begin where a complete
// subtree at least as large as any within them would.
struct Range {
  std::uint64_t first = 0;
  std::uint64_t end = 0;

  [[nodiscard]] std::uint64_t size() const { return end - first; }
  // Where RFC 6962 splits it: after the largest power of two that is less than its size.
  [[nodiscard]] std::uint64_t split() const { return first + std::bit_floor(size() - 1); }
};

// The hash of a complete subtree, out of the nearest level that is not above it. How many
// leaves it has is a power of two.
Result<Hash> complete_subtree(std::uint64_t first, std::uint64_t leaves, HashReader& reader) {
  const auto height = static_cast<unsigned>(std::countr_zero(leaves));
  const unsigned level = height / level_height;
  std::array<Hash, tile_width / 2> storage;
  const std::span<Hash> hashes(storage.data(), std::size_t{1} << (height % level_height));
  if (auto read = reader.read(static_cast<int>(level), first >> (level_height * level), hashes);
      !read) {
    return fail(std::move(read.error()));
  }
  return subtree_hash(hashes);
}

// The hash of a range that is not empty: its complete subtrees, put together from the
// right, where the smallest are.
Result<Hash> range_hash(Range range, HashReader& reader) {
  std::array<Hash, 64> subtrees;
  std::size_t count = 0;
  for (std::uint64_t first = range.first; first < range.end;) {
    const std::uint64_t leaves = std::bit_floor(range.end - first);
    const auto hash = complete_subtree(first, leaves, reader);
    if (!hash) return fail(hash.error());
    subtrees[count] = *hash;
    ++count;
    first += leaves;
  }
  Hash hash = subtrees[count - 1];
  for (std::size_t i = count - 1; i > 0; --i) hash = node_hash(subtrees[i - 1], hash);
  return hash;
}

Result<std::vector<Hash>> hashes_of(const std::vector<Range>& ranges, HashReader& reader) {
  std::vector<Hash> hashes;
  hashes.reserve(ranges.size());
  for (const Range& range : ranges) {
    const auto hash = range_hash(range, reader);
    if (!hash) return fail(hash.error());
    hashes.push_back(*hash);
  }
  return hashes;
}

Result<void> check_size(std::uint64_t size) {
  if (size <= tree_size_max) return {};
  return fail(ErrorCode::invalid_argument,
              "a tree of " + std::to_string(size) + " leaves is larger than 2^62");
}

}  // namespace

Hash subtree_hash(std::span<const Hash> hashes) noexcept {
  if (hashes.size() == 1) return hashes[0];
  std::array<Hash, tile_width / 2> above;
  const std::size_t pairs = hashes.size() / 2;
  for (std::size_t i = 0; i < pairs; ++i) above[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
  for (std::size_t left = pairs / 2; left > 0; left /= 2) {
    for (std::size_t i = 0; i < left; ++i) above[i] = node_hash(above[2 * i], above[2 * i + 1]);
  }
  return above[0];
}

Result<Hash> root_of(std::uint64_t size, HashReader& reader) {
  if (auto checked = check_size(size); !checked) return fail(checked.error());
  if (size == 0) return empty_root();
  return range_hash({.first = 0, .end = size}, reader);
}

Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                          HashReader& reader) {
  if (auto checked = check_size(size); !checked) return fail(checked.error());
  if (index >= size) {
    return fail(ErrorCode::invalid_argument, "leaf " + std::to_string(index) +
                                                 " is not in a tree of " + std::to_string(size) +
                                                 " leaves");
  }
  // From the root down to the leaf; a proof goes up.
  std::vector<Range> siblings;
  for (Range range{.first = 0, .end = size}; range.size() > 1;) {
    const std::uint64_t split = range.split();
    if (index < split) {
      siblings.push_back({.first = split, .end = range.end});
      range.end = split;
    } else {
      siblings.push_back({.first = range.first, .end = split});
      range.first = split;
    }
  }
  std::reverse(siblings.begin(), siblings.end());
  return hashes_of(siblings, reader);
}

Result<std::vector<Hash>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                            HashReader& reader) {
  if (auto checked = check_size(new_size); !checked) return fail(checked.error());
  if (old_size == 0 || old_size > new_size) {
    return fail(ErrorCode::invalid_argument, "a tree of " + std::to_string(old_size) +
                                                 " leaves proves nothing of one of " +
                                                 std::to_string(new_size));
  }
  // From the root down to the last complete subtree of the old tree; a proof goes up.
  std::vector<Range> nodes;
  Range range{.first = 0, .end = new_size};
  while (range.end != old_size) {
    const std::uint64_t split = range.split();
    if (old_size <= split) {
      nodes.push_back({.first = split, .end = range.end});
      range.end = split;
    } else {
      nodes.push_back({.first = range.first, .end = split});
      range.first = split;
    }
  }
  // Where that subtree is the old tree, its hash is known: the old root.
  if (range.first != 0) nodes.push_back(range);
  std::reverse(nodes.begin(), nodes.end());
  return hashes_of(nodes, reader);
}

}  // namespace agentaudit
