// Proofs are accepted whole, and refused with any change.
#include "ledger/proof.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/reference_tree.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

using Hashes = std::vector<Hash>;

constexpr std::uint64_t exhaustive_size = 70;

const ReferenceTree& small_tree() {
  static const ReferenceTree tree(exhaustive_size);
  return tree;
}

// On which side of the way from a node up to the root the siblings stand, of the node that
// holds leaf `index` and begins at `start`.
std::string sides(std::uint64_t index, std::uint64_t size) {
  std::string from_root;
  for (std::uint64_t first = 0, end = size; end - first > 1;) {
    const std::uint64_t k = first + ReferenceTree::split(end - first);
    from_root += index < k ? 'R' : 'L';
    (index < k ? end : first) = k;
  }
  return {from_root.rbegin(), from_root.rend()};
}

// The same for the last complete subtree of the old tree.
std::string old_sides(std::uint64_t old_size, std::uint64_t size) {
  std::string from_root;
  std::uint64_t first = 0;
  for (std::uint64_t end = size; end != old_size;) {
    const std::uint64_t k = first + ReferenceTree::split(end - first);
    from_root += old_size <= k ? 'R' : 'L';
    (old_size <= k ? end : first) = k;
  }
  return {from_root.rbegin(), from_root.rend()};
}

Hash flipped(Hash hash, std::size_t bit) {
  hash[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  return hash;
}

TEST(Proof, InclusionOfEveryLeafOfEverySmallTreeIsProved) {
  const ReferenceTree& tree = small_tree();
  for (std::uint64_t size = 1; size <= exhaustive_size; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      EXPECT_TRUE(verify_inclusion(index, size, tree.leaf(index), tree.path(index, 0, size),
                                   tree.root(size)))
          << index << " in " << size;
    }
  }
}

TEST(Proof, ConsistencyOfEveryPairOfSmallTreesIsProved) {
  const ReferenceTree& tree = small_tree();
  for (std::uint64_t size = 1; size <= exhaustive_size; ++size) {
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      EXPECT_TRUE(verify_consistency(old_size, size, tree.root(old_size), tree.root(size),
                                     tree.subproof(old_size, 0, size, true)))
          << old_size << " of " << size;
    }
  }
}

TEST(Proof, InclusionOfAnotherLeafOrAtAnotherPlaceIsRefused) {
  const ReferenceTree& tree = small_tree();
  for (std::uint64_t size = 1; size <= 40; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const Hashes proof = tree.path(index, 0, size);
      for (std::uint64_t other = 0; other <= size; ++other) {
        if (other == index) continue;
        EXPECT_FALSE(verify_inclusion(other, size, tree.leaf(index), proof, tree.root(size)));
        EXPECT_FALSE(verify_inclusion(index, size, tree.leaf(other), proof, tree.root(size)));
      }
    }
  }
}

// A size only shapes a proof: docs/ledger.md leaves it to the checkpoint.
TEST(Proof, ASizeOfAnotherShapeIsRefused) {
  const ReferenceTree& tree = small_tree();
  for (std::uint64_t size = 1; size <= 40; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const Hashes proof = tree.path(index, 0, size);
      for (std::uint64_t other = 0; other <= 80; ++other) {
        const bool same = index < other && sides(index, other) == sides(index, size);
        EXPECT_EQ(
            verify_inclusion(index, other, tree.leaf(index), proof, tree.root(size)).has_value(),
            same)
            << index << " in " << size << " as " << other;
      }
    }
  }
}

TEST(Proof, ConsistencyOfOtherSizesIsRefused) {
  const ReferenceTree& tree = small_tree();
  for (std::uint64_t size = 2; size <= 40; ++size) {
    for (std::uint64_t old_size = 1; old_size < size; ++old_size) {
      const Hashes proof = tree.subproof(old_size, 0, size, true);
      for (std::uint64_t other = 0; other <= 80; ++other) {
        if (other != old_size) {
          EXPECT_FALSE(verify_consistency(other, size, tree.root(old_size), tree.root(size), proof))
              << old_size << " of " << size << " as " << other;
        }
        const bool same =
            old_size < other && old_sides(old_size, other) == old_sides(old_size, size);
        EXPECT_EQ(verify_consistency(old_size, other, tree.root(old_size), tree.root(size), proof)
                      .has_value(),
                  same)
            << old_size << " of " << size << " as of " << other;
      }
    }
  }
}

RC_GTEST_PROP(Proof, NoBitOfAnInclusionCanBeChanged, ()) {
  const ReferenceTree& tree = small_tree();
  const auto size = *rc::gen::inRange<std::uint64_t>(1, exhaustive_size + 1);
  const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
  const Hashes proof = tree.path(index, 0, size);
  const Hash& leaf = tree.leaf(index);
  const Hash root = tree.root(size);
  const auto bit = *rc::gen::inRange<std::size_t>(0, 256);
  RC_ASSERT(!verify_inclusion(index, size, flipped(leaf, bit), proof, root));
  RC_ASSERT(!verify_inclusion(index, size, leaf, proof, flipped(root, bit)));
  for (std::size_t i = 0; i < proof.size(); ++i) {
    Hashes changed = proof;
    changed[i] = flipped(changed[i], bit);
    RC_ASSERT(!verify_inclusion(index, size, leaf, changed, root));
  }
  for (unsigned i = 0; i < 64; ++i) {
    RC_ASSERT(!verify_inclusion(index ^ std::uint64_t{1} << i, size, leaf, proof, root));
  }
}

RC_GTEST_PROP(Proof, NoBitOfAConsistencyCanBeChanged, ()) {
  const ReferenceTree& tree = small_tree();
  const auto size = *rc::gen::inRange<std::uint64_t>(1, exhaustive_size + 1);
  const auto old_size = *rc::gen::inRange<std::uint64_t>(1, size + 1);
  const Hashes proof = tree.subproof(old_size, 0, size, true);
  const Hash old_root = tree.root(old_size);
  const Hash root = tree.root(size);
  const auto bit = *rc::gen::inRange<std::size_t>(0, 256);
  RC_ASSERT(!verify_consistency(old_size, size, flipped(old_root, bit), root, proof));
  RC_ASSERT(!verify_consistency(old_size, size, old_root, flipped(root, bit), proof));
  for (std::size_t i = 0; i < proof.size(); ++i) {
    Hashes changed = proof;
    changed[i] = flipped(changed[i], bit);
    RC_ASSERT(!verify_consistency(old_size, size, old_root, root, changed));
  }
  for (unsigned i = 0; i < 64; ++i) {
    RC_ASSERT(!verify_consistency(old_size ^ std::uint64_t{1} << i, size, old_root, root, proof));
  }
}

TEST(Proof, AProofWithAHashMoreOrLessIsCorrupt) {
  const ReferenceTree& tree = small_tree();
  for (std::uint64_t size = 2; size <= 20; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      Hashes proof = tree.path(index, 0, size);
      proof.push_back(tree.root(size));
      EXPECT_EQ(error_code(verify_inclusion(index, size, tree.leaf(index), proof, tree.root(size))),
                ErrorCode::corrupt);
      proof.resize(proof.size() - 2);
      EXPECT_EQ(error_code(verify_inclusion(index, size, tree.leaf(index), proof, tree.root(size))),
                ErrorCode::corrupt);
      const std::uint64_t old_size = index + 1;
      proof = tree.subproof(old_size, 0, size, true);
      proof.push_back(tree.root(size));
      EXPECT_EQ(error_code(verify_consistency(old_size, size, tree.root(old_size), tree.root(size),
                                              proof)),
                ErrorCode::corrupt);
      if (old_size == size) continue;
      proof.resize(proof.size() - 2);
      EXPECT_EQ(error_code(verify_consistency(old_size, size, tree.root(old_size), tree.root(size),
                                              proof)),
                ErrorCode::corrupt);
    }
  }
}

TEST(Proof, ALeafThatNoTreeOfThatSizeHasIsAnInvalidArgument) {
  EXPECT_EQ(error_code(verify_inclusion(0, 0, {}, {}, empty_root())), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(verify_inclusion(5, 5, {}, {}, {})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(verify_inclusion(~std::uint64_t{0}, 1, {}, {}, {})),
            ErrorCode::invalid_argument);
}

TEST(Proof, AnOldTreeLargerThanTheNewIsAnInvalidArgument) {
  EXPECT_EQ(error_code(verify_consistency(2, 1, {}, {}, {})), ErrorCode::invalid_argument);
}

// It is the beginning of any tree.
TEST(Proof, NothingIsProvedByAnEmptyOldTree) {
  const ReferenceTree& tree = small_tree();
  EXPECT_EQ(error_code(verify_consistency(0, 5, empty_root(), tree.root(5), {})),
            ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(verify_consistency(0, 0, empty_root(), empty_root(), {})),
            ErrorCode::invalid_argument);
}

TEST(Proof, TreesOfOneSizeHaveOneRoot) {
  const ReferenceTree& tree = small_tree();
  EXPECT_EQ(error_code(verify_consistency(5, 5, tree.root(5), tree.root(6), {})),
            ErrorCode::corrupt);
  EXPECT_EQ(error_code(verify_consistency(5, 5, tree.root(5), tree.root(5), Hashes(1))),
            ErrorCode::corrupt);
}

TEST(Proof, ErrorsSayWhatIsWrong) {
  const ReferenceTree& tree = small_tree();
  EXPECT_EQ(
      verify_inclusion(1, 2, tree.leaf(1), Hashes{tree.leaf(0)}, tree.root(3)).error().message,
      "the inclusion proof leads to another root");
  EXPECT_EQ(verify_consistency(3, 5, tree.root(2), tree.root(5), tree.subproof(3, 0, 5, true))
                .error()
                .message,
            "the consistency proof leads to another old root");
  EXPECT_EQ(verify_consistency(3, 5, tree.root(3), tree.root(2), tree.subproof(3, 0, 5, true))
                .error()
                .message,
            "the consistency proof leads to another new root");
}

}  // namespace
}  // namespace agentaudit
