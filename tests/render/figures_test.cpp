#include "render/figures.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

using std::chrono::milliseconds;

TEST(CountText, GroupsThousands) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(count_text(-1'234), "-1,234");
  EXPECT_EQ(count_text(-123), "-123");
}

TEST(CountText, PicksTheWordForOne) {
  EXPECT_EQ(count_text(1, "event", "events"), "1 event");
  EXPECT_EQ(count_text(0, "event", "events"), "0 events");
}

TEST(DurationText, UsesTheUnitThatPeopleWould) {
  EXPECT_EQ(duration_text(milliseconds(850)), "850 ms");
  EXPECT_EQ(duration_text(milliseconds(1'250)), "1.25 s");
  EXPECT_EQ(duration_text(milliseconds(59'949)), "59.9 s");
  EXPECT_EQ(duration_text(milliseconds(200'000)), "3 m 20 s");
  EXPECT_EQ(duration_text(milliseconds(7'500'000)), "2 h 05 m");
  EXPECT_EQ(duration_text(milliseconds(97'200'000)), "1 d 3 h");
}

TEST(DurationText, TakesEveryValue) {
  EXPECT_EQ(duration_text(milliseconds(-850)), "-850 ms");
  EXPECT_EQ(duration_text(milliseconds(INT64_MIN)), "-" + duration_text(milliseconds(INT64_MAX)));
}

TEST(BytesText, UsesBinaryUnits) {
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(1'536), "1.5 KiB");
  EXPECT_EQ(bytes_text(20 << 20), "20.0 MiB");
}

TEST(MillisecondsText, AlwaysHasThreeDecimals) {
  EXPECT_EQ(milliseconds_text(Timestamp::from_ns(1'500'000'000)), "1970-01-01T00:00:01.500Z");
  EXPECT_EQ(milliseconds_text(Timestamp::from_ns(2'000'000'000)), "1970-01-01T00:00:02.000Z");
  EXPECT_EQ(milliseconds_text(Timestamp::from_ns(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(MillisecondsText, TakesTheWholeRange) {
  EXPECT_EQ(milliseconds_text(Timestamp::from_ns(INT64_MIN)), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(milliseconds_text(Timestamp::from_ns(INT64_MAX)), "2262-04-11T23:47:16.854Z");
}

TEST(Elapsed, SaturatesOverTheWholeRange) {
  const auto least = Timestamp::from_ns(INT64_MIN);
  const auto greatest = Timestamp::from_ns(INT64_MAX);
  EXPECT_EQ(elapsed(Timestamp::from_ns(0), Timestamp::from_ns(2'500'000)), milliseconds(2));
  EXPECT_EQ(elapsed(least, greatest), milliseconds(INT64_MAX / 1'000'000));
  EXPECT_EQ(elapsed(greatest, least), milliseconds(INT64_MIN / 1'000'000));
}

}  // namespace
}  // namespace agentaudit
