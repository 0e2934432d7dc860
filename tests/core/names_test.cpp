#include "agentaudit/core/names.h"

#include <gtest/gtest.h>

#include <set>

namespace agentaudit {
namespace {

// What is stored for years must not change its spelling by accident.
TEST(Names, CategoriesAreTheDocumentedOnes) {
  const std::set<std::string_view> expected = {
      "tool_call", "skill", "channel", "approval",   "schedule", "llm",  "config",
      "session",   "mcp",   "safety",  "supervisor", "eval",     "audit"};
  EXPECT_EQ(std::set<std::string_view>(category::all.begin(), category::all.end()), expected);
}

TEST(Names, StatusesAreTheDocumentedOnes) {
  const std::set<std::string_view> expected = {"ok", "error", "pending", "denied"};
  EXPECT_EQ(std::set<std::string_view>(status::all.begin(), status::all.end()), expected);
}

}  // namespace
}  // namespace agentaudit
