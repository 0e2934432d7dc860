// The prunes that follow from rules of retention.

#include "agentaudit/store/retention.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

TEST(RetentionTest, TheOldestCutoffIsTheFirstInstant) {
  const std::vector<RetentionRule> rules = {{.category = "llm", .days = retention_days_max}};
  const auto prunes = retention_prunes(rules, Timestamp::from_ns(INT64_MIN + 1));
  EXPECT_EQ(prunes.at(0).cutoff.ns(), INT64_MIN);
}

}  // namespace
}  // namespace agentaudit
