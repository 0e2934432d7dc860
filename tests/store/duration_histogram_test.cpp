#include "store/duration_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <vector>

namespace agentaudit {
namespace {

using std::chrono::milliseconds;

TEST(DurationHistogram, WithoutDurationsEverythingIsZero) {
  DurationHistogram histogram;
  histogram.add(milliseconds(0));
  histogram.add(milliseconds(-5));
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.quantile(50), milliseconds(0));
  EXPECT_EQ(histogram.max(), milliseconds(0));
}

TEST(DurationHistogram, ShortDurationsAreExact) {
  DurationHistogram histogram;
  for (int ms = 1; ms <= 100; ++ms) histogram.add(milliseconds(ms));
  EXPECT_EQ(histogram.quantile(1), milliseconds(1));
  EXPECT_EQ(histogram.quantile(50), milliseconds(50));
  EXPECT_EQ(histogram.quantile(95), milliseconds(95));
  EXPECT_EQ(histogram.quantile(100), milliseconds(100));
}

TEST(DurationHistogram, OfTwoDurationsTheHalfIsTheShorter) {
  DurationHistogram histogram;
  histogram.add(milliseconds(9));
  histogram.add(milliseconds(3));
  EXPECT_EQ(histogram.quantile(50), milliseconds(3));
  EXPECT_EQ(histogram.quantile(95), milliseconds(9));
}

TEST(DurationHistogram, NoQuantileIsMoreThanAHundredthOff) {
  // Around every power of two, where the buckets change their width.
  for (int bit = 0; bit < 63; ++bit) {
    const std::int64_t power = std::int64_t{1} << bit;
    for (const std::int64_t ms : {power - 1, power, power + 1, power + power / 3}) {
      if (ms <= 0) continue;
      DurationHistogram histogram;
      histogram.add(milliseconds(ms));
      histogram.add(milliseconds(std::numeric_limits<std::int64_t>::max()));
      const std::int64_t half = histogram.quantile(50).count();
      EXPECT_LE(std::abs(half - ms), ms / 100) << ms;
    }
  }
}

TEST(DurationHistogram, TheGreatestIsExact) {
  DurationHistogram histogram;
  histogram.add(milliseconds(1'000'003));
  EXPECT_EQ(histogram.max(), milliseconds(1'000'003));
  EXPECT_LE(histogram.quantile(100), histogram.max());
}

}  // namespace
}  // namespace agentaudit
