#include "cli/unified_diff.h"

#include <gtest/gtest.h>

#include <string>

namespace agentaudit {
namespace {

std::string diff(std::string_view before, std::string_view after) {
  return unified_diff({.name = "a", .text = before}, {.name = "b", .text = after}, {});
}

TEST(UnifiedDiff, OfEqualTextsIsEmpty) {
  EXPECT_EQ(diff("", ""), "");
  EXPECT_EQ(diff("1\n2", "1\n2"), "");
}

TEST(UnifiedDiff, LinesThatStayBetweenTwoChangesAreNotReplaced) {
  EXPECT_EQ(diff("1\nold\n2\n3\ngone\n4\n", "1\nnew\n2\n3\n4\nmore\n"),
            "--- a\n+++ b\n@@ -1,6 +1,6 @@\n 1\n-old\n+new\n 2\n 3\n-gone\n 4\n+more\n");
  EXPECT_EQ(diff("x\n", "first\nx\nlast\n"), "--- a\n+++ b\n@@ -1 +1,3 @@\n+first\n x\n+last\n");
}

TEST(UnifiedDiff, ChangesThatAreFarApartAreTwoHunks) {
  const std::string middle = "1\n2\n3\n4\n5\n6\n7\n";
  EXPECT_EQ(diff("a\n" + middle + "b\n", "A\n" + middle + "B\n"),
            "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n"
            "+B\n");
}

}  // namespace
}  // namespace agentaudit
