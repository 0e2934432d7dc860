// The root of what was appended.
#include "ledger/compact_range.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/reference_tree.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

TEST(CompactRange, HasTheRootOfItsLeavesAfterEach) {
  const ReferenceTree tree(600);
  CompactRange range;
  EXPECT_EQ(range.root(), empty_root());
  for (std::uint64_t i = 0; i < tree.size(); ++i) {
    range.append(tree.leaf(i));
    ASSERT_EQ(range.size(), i + 1);
    ASSERT_EQ(range.root(), tree.root(i + 1));
  }
}

RC_GTEST_PROP(CompactRange, TakesSubtreesForTheirLeaves, ()) {
  static const ReferenceTree tree(3000);
  const auto size = *rc::gen::inRange<std::uint64_t>(0, tree.size() + 1);
  CompactRange range;
  while (range.size() < size) {
    unsigned height = *rc::gen::inRange(0U, 12U);
    const auto leaves = [&] { return std::uint64_t{1} << height; };
    while (range.size() % leaves() != 0 || range.size() + leaves() > size) --height;
    const std::uint64_t first = range.size();
    RC_ASSERT(range.append_subtree(tree.root(first, first + leaves()), height).has_value());
  }
  RC_ASSERT(range.size() == size);
  RC_ASSERT(range.root() == tree.root(size));
}

TEST(CompactRange, RefusesASubtreeWhereNoneBegins) {
  CompactRange range;
  range.append(leaf_hash("0"));
  const Hash root = range.root();
  EXPECT_EQ(error_code(range.append_subtree({}, 1)), ErrorCode::invalid_argument);
  EXPECT_EQ(range.size(), 1U);
  EXPECT_EQ(range.root(), root);
  EXPECT_TRUE(range.append_subtree(leaf_hash("1"), 0));
  EXPECT_TRUE(range.append_subtree({}, 1));
  EXPECT_EQ(error_code(range.append_subtree({}, 3)), ErrorCode::invalid_argument);
}

TEST(CompactRange, RefusesMoreLeavesThanATreeMayHave) {
  CompactRange range;
  EXPECT_EQ(error_code(range.append_subtree({}, 63)), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(range.append_subtree({}, 64)), ErrorCode::invalid_argument);
  EXPECT_TRUE(range.append_subtree({}, 62));
  EXPECT_EQ(error_code(range.append_subtree({}, 0)), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace agentaudit
