#include "redact/work_budget.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;

// So much work that the clock is read after it.
constexpr std::size_t much_work = 1U << 20U;

TEST(WorkBudget, TextsAreTakenUntilTheirBytesAreSpent) {
  WorkBudget budget(10, hours(1));
  EXPECT_TRUE(budget.take_text(6));
  EXPECT_FALSE(budget.take_text(5));
  EXPECT_EQ(budget.spent(), "bytes");
  // A text that was not looked at cost nothing.
  EXPECT_TRUE(budget.take_text(4));
  EXPECT_FALSE(budget.take_text(1));
  EXPECT_TRUE(budget.take_text(0));
}

TEST(WorkBudget, AShortTextIsReadToItsEndWithoutAnyTime) {
  WorkBudget budget(0, microseconds(0));
  EXPECT_TRUE(budget.go_on(100));
  EXPECT_TRUE(budget.go_on(100));
  EXPECT_EQ(budget.spent(), "");
}

TEST(WorkBudget, WithoutTimeMuchWorkEnds) {
  WorkBudget budget(0, microseconds(0));
  EXPECT_FALSE(budget.go_on(much_work));
  EXPECT_EQ(budget.spent(), "time");
}

TEST(WorkBudget, ShortTextsAddUpToMuchWork) {
  WorkBudget budget(0, microseconds(0));
  std::size_t done = 0;
  while (done < much_work && budget.go_on(100)) done += 100;
  EXPECT_LT(done, much_work);
  EXPECT_EQ(budget.spent(), "time");
}

TEST(WorkBudget, WithTimeLeftWorkGoesOn) {
  WorkBudget budget(0, hours(1));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.go_on(much_work));
  EXPECT_EQ(budget.spent(), "");
}

TEST(WorkBudget, GivingUpSpendsTheTime) {
  WorkBudget budget(10, hours(1));
  EXPECT_FALSE(budget.give_up());
  EXPECT_EQ(budget.spent(), "time");
}

}  // namespace
}  // namespace agentaudit
