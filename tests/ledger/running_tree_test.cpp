#include "ledger/running_tree.h"

#include <gtest/gtest.h>

#include "ledger/reference_tree.h"

namespace agentaudit {
namespace {

TEST(RunningTree, HasTheRootOfEverySize) {
  constexpr std::uint64_t size = 600;
  const ReferenceTree reference(size);
  RunningTree tree;
  for (std::uint64_t i = 0; i < size; ++i) {
    EXPECT_EQ(tree.size(), i);
    EXPECT_EQ(tree.root(), reference.root(i)) << i;
    tree.add(reference.leaf(i));
  }
  EXPECT_EQ(tree.root(), reference.root(size));
}

}  // namespace
}  // namespace agentaudit
