// Roots and proofs out of the hashes of levels, against RFC 6962's own definitions.
#include "ledger/merkle_tree.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/proof.h"
#include "ledger/reference_tree.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

const ReferenceTree& large_tree() {
  static const ReferenceTree tree(66'100);
  return tree;
}

constexpr std::uint64_t exhaustive_size = 70;

TEST(MerkleTree, RootsOfAllSmallTreesAreThoseOfRfc6962) {
  const ReferenceTree tree(exhaustive_size);
  for (std::uint64_t size = 0; size <= exhaustive_size; ++size) {
    ReferenceReader reader(tree, size);
    EXPECT_EQ(root_of(size, reader), tree.root(size)) << size;
  }
}

TEST(MerkleTree, InclusionProofsOfAllSmallTreesAreThoseOfRfc6962) {
  const ReferenceTree tree(exhaustive_size);
  for (std::uint64_t size = 1; size <= exhaustive_size; ++size) {
    ReferenceReader reader(tree, size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, reader);
      EXPECT_EQ(proof, tree.path(index, 0, size)) << index << " in " << size;
    }
  }
}

TEST(MerkleTree, ConsistencyProofsOfAllSmallTreesAreThoseOfRfc6962) {
  const ReferenceTree tree(exhaustive_size);
  for (std::uint64_t size = 1; size <= exhaustive_size; ++size) {
    ReferenceReader reader(tree, size);
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const auto proof = consistency_proof(old_size, size, reader);
      EXPECT_EQ(proof, tree.subproof(old_size, 0, size, true)) << old_size << " of " << size;
    }
  }
}

TEST(MerkleTree, ProofsAroundTheEdgesOfLevelsAreThoseOfRfc6962) {
  const ReferenceTree& tree = large_tree();
  for (const std::uint64_t size : {255, 256, 257, 511, 512, 513, 768, 65'535, 65'536, 65'537,
                                   65'792, 65'793, 66'047, 66'048, 66'100}) {
    ReferenceReader reader(tree, size);
    EXPECT_EQ(root_of(size, reader), tree.root(size)) << size;
    for (const std::uint64_t other : {0, 1, 127, 128, 254, 255, 256, 257, 300, 511, 512, 513,
                                      32'768, 65'534, 65'535, 65'536, 65'537, 66'000, 66'099}) {
      if (other >= size) continue;
      EXPECT_EQ(inclusion_proof(other, size, reader), tree.path(other, 0, size))
          << other << " in " << size;
      if (other == 0) continue;
      EXPECT_EQ(consistency_proof(other, size, reader), tree.subproof(other, 0, size, true))
          << other << " of " << size;
    }
  }
}

RC_GTEST_PROP(MerkleTree, ProofsOfAnyLargerTreeAreThoseOfRfc6962, ()) {
  const ReferenceTree& tree = large_tree();
  const auto size = *rc::gen::inRange<std::uint64_t>(1, tree.size() + 1);
  const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
  ReferenceReader reader(tree, size);
  RC_ASSERT(root_of(size, reader) == tree.root(size));
  RC_ASSERT(inclusion_proof(index, size, reader) == tree.path(index, 0, size));
  RC_ASSERT(consistency_proof(index + 1, size, reader) == tree.subproof(index + 1, 0, size, true));
}

// What pruning leaves of a block is its hash at level 1.
TEST(MerkleTree, AnInclusionProofReadsLeavesOfItsOwnBlockAndOfTheLastAlone) {
  const std::uint64_t size = 1000;
  ReferenceReader reader(large_tree(), size);
  ASSERT_TRUE(inclusion_proof(300, size, reader));
  EXPECT_EQ(reader.blocks, (std::set<std::uint64_t>{1, 3}));
}

TEST(MerkleTree, ARootReadsLeavesOfTheLastBlockAlone) {
  ReferenceReader ragged(large_tree(), 1000);
  ASSERT_TRUE(root_of(1000, ragged));
  EXPECT_EQ(ragged.blocks, std::set<std::uint64_t>{3});
  ReferenceReader even(large_tree(), 1024);
  ASSERT_TRUE(root_of(1024, even));
  EXPECT_EQ(even.blocks, std::set<std::uint64_t>{});
}

TEST(MerkleTree, AConsistencyProofReadsLeavesWhereTheTreesEndAlone) {
  ReferenceReader ragged(large_tree(), 1000);
  ASSERT_TRUE(consistency_proof(300, 1000, ragged));
  EXPECT_EQ(ragged.blocks, (std::set<std::uint64_t>{1, 3}));
  ReferenceReader even(large_tree(), 1024);
  ASSERT_TRUE(consistency_proof(512, 1024, even));
  EXPECT_EQ(even.blocks, std::set<std::uint64_t>{});
}

RC_GTEST_PROP(MerkleTree, NoProofNeedsTheLeavesOfOtherBlocks, ()) {
  const ReferenceTree& tree = large_tree();
  const auto size = *rc::gen::inRange<std::uint64_t>(1, tree.size() + 1);
  const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
  ReferenceReader reader(tree, size);
  for (std::uint64_t block = 0; block < size / tile_width; ++block) {
    if (block != index / tile_width) reader.gone.insert(block);
  }
  RC_ASSERT(inclusion_proof(index, size, reader).has_value());
  RC_ASSERT(consistency_proof(index + 1, size, reader).has_value());
  RC_ASSERT(root_of(size, reader).has_value());
}

RC_GTEST_PROP(MerkleTree, AnySizeNeedsAFewHundredHashesOfEachLevel, ()) {
  const auto size = *rc::gen::inRange<std::uint64_t>(1, tree_size_max) + 1;
  const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
  const auto few_hundred = [size](UniformReader& reader) {
    for (const auto& [level, hashes] : reader.reads) {
      RC_ASSERT(hashes <= 2 * tile_width);
      RC_ASSERT(reader.last[level] <= hashes_of_level(level, size));
    }
  };
  UniformReader for_root;
  const auto root = root_of(size, for_root);
  RC_ASSERT(root.has_value());
  few_hundred(for_root);
  UniformReader for_inclusion;
  const auto inclusion = inclusion_proof(index, size, for_inclusion);
  RC_ASSERT(inclusion.has_value());
  few_hundred(for_inclusion);
  RC_ASSERT(verify_inclusion(index, size, leaf_hash("leaf"), *inclusion, *root).has_value());
  UniformReader for_consistency;
  const auto consistency = consistency_proof(index + 1, size, for_consistency);
  RC_ASSERT(consistency.has_value());
  few_hundred(for_consistency);
  const auto old_root = root_of(index + 1, for_root);
  RC_ASSERT(verify_consistency(index + 1, size, old_root.value(), *root, *consistency).has_value());
}

TEST(MerkleTree, ATreeOfTheLargestSizeHasARoot) {
  UniformReader reader;
  EXPECT_TRUE(root_of(tree_size_max, reader));
  EXPECT_EQ(error_code(root_of(tree_size_max + 1, reader)), ErrorCode::invalid_argument);
}

TEST(MerkleTree, SizesThatDoNotFitAreRefused) {
  UniformReader reader;
  EXPECT_EQ(error_code(inclusion_proof(5, 5, reader)), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(inclusion_proof(0, 0, reader)), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(inclusion_proof(0, tree_size_max + 1, reader)), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(consistency_proof(6, 5, reader)), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(consistency_proof(0, 5, reader)), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(consistency_proof(1, tree_size_max + 1, reader)),
            ErrorCode::invalid_argument);
}

TEST(MerkleTree, TheErrorOfTheReaderIsPassedOn) {
  ReferenceReader reader(large_tree(), 1000);
  reader.gone = {3};
  EXPECT_EQ(error_code(root_of(1000, reader)), ErrorCode::not_found);
  EXPECT_EQ(error_code(inclusion_proof(0, 1000, reader)), ErrorCode::not_found);
  EXPECT_EQ(error_code(consistency_proof(256, 1000, reader)), ErrorCode::not_found);
}

TEST(MerkleTree, ALevelHasTheCompleteSubtreesOfTheOneBelow) {
  EXPECT_EQ(hashes_of_level(0, 70'000), 70'000U);
  EXPECT_EQ(hashes_of_level(1, 70'000), 273U);
  EXPECT_EQ(hashes_of_level(2, 70'000), 1U);
  EXPECT_EQ(hashes_of_level(3, 70'000), 0U);
  EXPECT_EQ(hashes_of_level(8, tree_size_max), 0U);
}

}  // namespace
}  // namespace agentaudit
