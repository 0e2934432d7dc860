// How time is cut into a histogram's buckets in whole hours.

#include "store/histogram_steps.h"

#include <limits>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000;

Timestamp at(std::int64_t ns) { return Timestamp::from_ns(ns); }

TEST(HistogramStepsTest, StepsOfAnHourAndLongerAreWholeHours) {
  const auto steps = HistogramSteps::in_hours(at(10 * hour_ns + 5), at(110 * hour_ns + 7), 60);
  EXPECT_EQ(steps.step_ns(), 2U * hour_ns);
  EXPECT_EQ(steps.start_of(0), at(10 * hour_ns));
  EXPECT_EQ(steps.start_of(1), at(12 * hour_ns));
  EXPECT_EQ(steps.bucket_of(110 * hour_ns + 7), steps.buckets() - 1);
  EXPECT_LE(steps.buckets(), 60U);
}

TEST(HistogramStepsTest, TimesBefore1970BeginWithTheirHourToo) {
  const auto steps = HistogramSteps::in_hours(at(-10 * hour_ns + 5), at(10 * hour_ns), 2);
  EXPECT_EQ(steps.start_of(0), at(-10 * hour_ns));
  EXPECT_EQ(steps.buckets(), 2U);
}

TEST(HistogramStepsTest, ShorterStepsBeginWithTheFirstEvent) {
  const auto steps = HistogramSteps::in_hours(at(hour_ns + 5), at(3 * hour_ns), 60);
  EXPECT_EQ(steps.start_of(0), at(hour_ns + 5));
  EXPECT_LT(steps.step_ns(), std::uint64_t{hour_ns});
}

TEST(HistogramStepsTest, AllOfTimeHasAsManyBucketsAsWereAsked) {
  const Timestamp first = at(std::numeric_limits<std::int64_t>::min());
  const Timestamp last = at(std::numeric_limits<std::int64_t>::max());
  for (const Timestamp from : {first, at(first.ns() + hour_ns)}) {
    const auto steps = HistogramSteps::in_hours(from, last, 1'000);
    EXPECT_LE(steps.buckets(), 1'000U);
    EXPECT_EQ(steps.bucket_of(last.ns()), steps.buckets() - 1);
    EXPECT_LE(steps.start_of(0), from);
  }
}

}  // namespace
}  // namespace agentaudit
