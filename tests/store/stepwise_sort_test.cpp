#include "store/stepwise_sort.h"

#include <functional>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

Result<void> always() { return {}; }

TEST(StepwiseSort, SortsAnyNumberOfValues) {
  std::mt19937 random(1);
  for (const std::size_t size : {0U, 1U, 2U, 4'095U, 4'096U, 4'097U, 8'192U, 30'000U}) {
    std::vector<std::string> values(size);
    for (std::string& value : values) value = std::to_string(random() % 5'000);
    std::vector<std::string> expected = values;
    std::sort(expected.begin(), expected.end());
    ASSERT_TRUE(stepwise_sort(values, std::less<>(), always));
    EXPECT_EQ(values, expected) << size;
  }
}

TEST(StepwiseSort, TakesAnyOrder) {
  std::vector<int> values(10'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i * 7'919 % 10'000);
  ASSERT_TRUE(stepwise_sort(values, std::greater<>(), always));
  EXPECT_TRUE(std::is_sorted(values.begin(), values.end(), std::greater<>()));
}

TEST(StepwiseSort, EndsWithTheErrorThatItIsTold) {
  int asked = 0;
  const auto few_times = [&]() -> Result<void> {
    if (++asked < 10) return {};
    return fail(ErrorCode::cancelled, "enough");
  };
  std::vector<int> values(100'000, 1);
  const auto sorted = stepwise_sort(values, std::less<>(), few_times);
  ASSERT_FALSE(sorted);
  EXPECT_EQ(sorted.error().message, "enough");
  EXPECT_EQ(asked, 10);
}

}  // namespace
}  // namespace agentaudit
