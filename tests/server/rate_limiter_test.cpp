#include "server/rate_limiter.h"

#include <string>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

using std::chrono::seconds;

constexpr RateLimiter::TimePoint start{};

TEST(RateLimiter, GivesAMinutesWorthAtOnceAndThenAsItFills) {
  RateLimiter limiter;
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(limiter.take("a", 1, 60, start)) << i;
  EXPECT_EQ(limiter.take("a", 1, 60, start), seconds(1));
  EXPECT_FALSE(limiter.take("a", 1, 60, start + seconds(1)));
  EXPECT_EQ(limiter.take("a", 1, 60, start + seconds(1)), seconds(1));
  EXPECT_FALSE(limiter.take("a", 1, 60, start + seconds(1'000)));
}

TEST(RateLimiter, LetsWhatIsOverAMinutesWorthPassAndBePaidBack) {
  RateLimiter limiter;
  EXPECT_FALSE(limiter.take("a", 600, 60, start));
  EXPECT_EQ(limiter.take("a", 1, 60, start), seconds(541));
  EXPECT_EQ(limiter.wait_for("a", 60, start + seconds(500)), seconds(41));
  EXPECT_FALSE(limiter.take("a", 1, 60, start + seconds(542)));
}

TEST(RateLimiter, KeepsKeysApart) {
  RateLimiter limiter;
  EXPECT_FALSE(limiter.take("a", 5, 1, start));
  EXPECT_TRUE(limiter.take("a", 1, 1, start));
  EXPECT_FALSE(limiter.take("b", 1, 1, start));
  EXPECT_FALSE(limiter.wait_for("never seen", 1, start));
}

TEST(RateLimiter, ForgetsNobodyWhoIsInDebtToMakeRoom) {
  RateLimiter limiter;
  EXPECT_FALSE(limiter.take("in debt", 1'000, 10, start));
  for (std::size_t i = 0; i < 3 * RateLimiter::keys_max; ++i) {
    EXPECT_FALSE(limiter.take(std::to_string(i), 1, 600, start + seconds(i / 1'000)));
  }
  EXPECT_TRUE(limiter.wait_for("in debt", 10, start + seconds(30)));
}

}  // namespace
}  // namespace agentaudit
