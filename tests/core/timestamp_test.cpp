#include "agentaudit/core/timestamp.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <limits>

namespace agentaudit {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

std::string reread(std::string_view text) {
  const auto timestamp = Timestamp::parse(text);
  return timestamp ? timestamp->to_string() : std::string(to_string(timestamp.error().code));
}

TEST(Timestamp, ReadsAnyOffset) {
  EXPECT_EQ(reread("2026-11-24T09:00:00.5+01:00"), "2026-11-24T08:00:00.5Z");
  EXPECT_EQ(reread("2026-11-24T08:00:00-00:00"), "2026-11-24T08:00:00Z");
  EXPECT_EQ(reread("2026-11-24T13:45:00+05:45"), "2026-11-24T08:00:00Z");
  EXPECT_EQ(reread("2026-11-24T00:30:00+23:59"), "2026-11-23T00:31:00Z");
  EXPECT_EQ(reread("2026-12-31T23:30:00-23:59"), "2027-01-01T23:29:00Z");
}

TEST(Timestamp, ReadsNoneToNineDecimals) {
  std::string digits;
  for (int count = 1; count <= 9; ++count) {
    digits += static_cast<char>('0' + count);
    EXPECT_EQ(reread("2026-11-24T08:00:00." + digits + "Z"), "2026-11-24T08:00:00." + digits + "Z");
  }
  EXPECT_EQ(reread("2026-11-24T08:00:00Z"), "2026-11-24T08:00:00Z");
}

TEST(Timestamp, RefusesTenDecimalsAndADotWithoutAny) {
  EXPECT_EQ(reread("2026-11-24T08:00:00.1234567890Z"), "parse");
  EXPECT_EQ(reread("2026-11-24T08:00:00.Z"), "parse");
}

TEST(Timestamp, WritesNoMoreDecimalsThanNeeded) {
  EXPECT_EQ(reread("2026-11-24T08:00:00.500000000Z"), "2026-11-24T08:00:00.5Z");
  EXPECT_EQ(reread("2026-11-24T08:00:00.000000000Z"), "2026-11-24T08:00:00Z");
  EXPECT_EQ(reread("2026-11-24T08:00:00.000000001Z"), "2026-11-24T08:00:00.000000001Z");
}

TEST(Timestamp, ReadsLowerCaseAndASpaceForT) {
  EXPECT_EQ(reread("2026-11-24t08:00:00z"), "2026-11-24T08:00:00Z");
  EXPECT_EQ(reread("2026-11-24 08:00:00Z"), "2026-11-24T08:00:00Z");
}

TEST(Timestamp, KnowsLeapYears) {
  EXPECT_EQ(reread("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(reread("2000-02-29T00:00:00Z"), "2000-02-29T00:00:00Z");
  EXPECT_EQ(reread("2023-02-29T00:00:00Z"), "parse");
  EXPECT_EQ(reread("2100-02-29T00:00:00Z"), "parse");
  EXPECT_EQ(reread("2024-02-30T00:00:00Z"), "parse");
}

TEST(Timestamp, FoldsALeapSecondIntoTheNextSecond) {
  EXPECT_EQ(reread("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00Z");
  EXPECT_EQ(reread("2016-12-31T23:59:60.25Z"), "2017-01-01T00:00:00.25Z");
  EXPECT_EQ(reread("2017-01-01T00:59:60+01:00"), "2017-01-01T00:00:00Z");
  EXPECT_EQ(reread("1969-12-31T23:59:60Z"), "1970-01-01T00:00:00Z");
}

TEST(Timestamp, RefusesALeapSecondThatIsNotAtTheEndOfAUtcDay) {
  EXPECT_EQ(reread("2016-12-31T23:58:60Z"), "parse");
  EXPECT_EQ(reread("2016-12-31T23:59:60+01:00"), "parse");
  EXPECT_EQ(reread("2016-12-31T23:59:61Z"), "parse");
}

TEST(Timestamp, RefusesWhatIsNotRfc3339) {
  for (const std::string_view text : {"",
                                      " ",
                                      "2026",
                                      "2026-11-24",
                                      "2026-11-24T08:00Z",
                                      "2026-11-24T08:00:00",
                                      "2026-11-24T08:00:00 Z",
                                      " 2026-11-24T08:00:00Z",
                                      "2026-11-24T08:00:00Z ",
                                      "2026-11-24T08:00:00Zx",
                                      "2026-11-24T08:00:00,5Z",
                                      "2026-1-24T08:00:00Z",
                                      "26-11-24T08:00:00Z",
                                      "+2026-11-24T08:00:00Z",
                                      "-026-11-24T08:00:00Z",
                                      "2026-00-24T08:00:00Z",
                                      "2026-13-24T08:00:00Z",
                                      "2026-11-00T08:00:00Z",
                                      "2026-11-31T08:00:00Z",
                                      "2026-11-24T24:00:00Z",
                                      "2026-11-24T08:60:00Z",
                                      "2026-11-24T08:00:00+24:00",
                                      "2026-11-24T08:00:00+01:60",
                                      "2026-11-24T08:00:00+0100",
                                      "2026-11-24T08:00:00+01",
                                      "2026-11-24T08:00:00UTC",
                                      "2026-11-24_08:00:00Z",
                                      "2026-W48-2T08:00:00Z",
                                      "1795507200",
                                      "2026-11-24T08:00:0٠Z"}) {
    EXPECT_EQ(reread(text), "parse") << text;
  }
}

TEST(Timestamp, RefusesABareNulAfterAGoodTime) {
  EXPECT_EQ(reread(std::string_view("2026-11-24T08:00:00Z\0", 21)), "parse");
}

TEST(Timestamp, HoldsTheFirstAndLastNanosecondOfItsRange) {
  const auto first = Timestamp::parse("1677-09-21T00:12:43.145224192Z");
  const auto last = Timestamp::parse("2262-04-11T23:47:16.854775807Z");
  ASSERT_TRUE(first && last);
  EXPECT_EQ(first->ns(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(last->ns(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(first->to_string(), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(last->to_string(), "2262-04-11T23:47:16.854775807Z");
}

TEST(Timestamp, ATimeOutsideItsRangeIsAnInvalidArgument) {
  for (const std::string_view text :
       {"1677-09-21T00:12:43.145224191Z", "2262-04-11T23:47:16.854775808Z", "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:60Z",
        "0000-01-01T00:00:00+23:59"}) {
    EXPECT_EQ(reread(text), "invalid_argument") << text;
  }
}

TEST(Timestamp, ErrorsShowTheTextAndTheWayOut) {
  const auto bad = Timestamp::parse("yesterday");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message,
            "\"yesterday\" is not an RFC 3339 time such as 2026-11-24T08:00:00Z or "
            "2026-11-24T09:00:00.5+01:00");
  const auto far = Timestamp::parse("9999-01-01T00:00:00Z");
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().message,
            "\"9999-01-01T00:00:00Z\" is outside 1677-09-21T00:12:43.145224192Z to "
            "2262-04-11T23:47:16.854775807Z");
}

TEST(Timestamp, ErrorsShowNoMoreThan64BytesOfTheText) {
  const auto bad = Timestamp::parse(std::string(1'000, 'x'));
  ASSERT_FALSE(bad);
  EXPECT_TRUE(bad.error().message.starts_with('"' + std::string(64, 'x') + "\" is not"));
}

TEST(Timestamp, TheDefaultIsNotSet) {
  EXPECT_FALSE(Timestamp().is_set());
  EXPECT_TRUE(Timestamp::from_ns(-1).is_set());
  EXPECT_TRUE(Timestamp::now().is_set());
}

TEST(Timestamp, SortsByInstant) {
  EXPECT_LT(Timestamp::parse("2026-11-24T08:00:00Z").value(),
            Timestamp::parse("2026-11-24T08:00:00.000000001Z").value());
  EXPECT_LT(Timestamp::parse("1969-12-31T23:59:59.9Z").value(), Timestamp());
  EXPECT_EQ(Timestamp::parse("2026-11-24T08:00:00Z").value(),
            Timestamp::parse("2026-11-24T09:00:00+01:00").value());
}

TEST(Timestamp, AppendsToWhatIsThere) {
  std::string text = "at ";
  Timestamp::from_ns(0).append_to(text);
  EXPECT_EQ(text, "at 1970-01-01T00:00:00Z");
}

RC_GTEST_PROP(TimestampProperty, WhatIsWrittenIsReadBack, (std::int64_t ns)) {
  const Timestamp timestamp = Timestamp::from_ns(ns);
  RC_ASSERT(Timestamp::parse(timestamp.to_string()).value() == timestamp);
}

// Arbitrary integers of RapidCheck are mostly small; these cover the whole range.
RC_GTEST_PROP(TimestampProperty, EveryInstantOfTheRangeIsReadBack, ()) {
  const auto ns = *rc::gen::inRange(std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max());
  const Timestamp timestamp = Timestamp::from_ns(ns);
  RC_ASSERT(Timestamp::parse(timestamp.to_string()).value() == timestamp);
}

RC_GTEST_PROP(TimestampProperty, AgreesWithTheCLibrary, ()) {
  const auto seconds = *rc::gen::inRange<std::int64_t>(-9'223'372'036, 9'223'372'036);
  const auto offset_minutes = *rc::gen::inRange(-1'439, 1'440);
  const std::time_t local = seconds + offset_minutes * 60;
  std::tm fields{};
  RC_ASSERT(gmtime_r(&local, &fields) != nullptr);
  std::array<char, 64> date{};
  RC_ASSERT(std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &fields) > 0);
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%s%c%02d:%02d", date.data(),
                offset_minutes < 0 ? '-' : '+', std::abs(offset_minutes) / 60,
                std::abs(offset_minutes) % 60);
  RC_ASSERT(Timestamp::parse(text.data()).value().ns() == seconds * ns_per_second);
}

RC_GTEST_PROP(TimestampProperty, WritesWhatTheCLibraryReads, ()) {
  const auto seconds = *rc::gen::inRange<std::int64_t>(-9'223'372'036, 9'223'372'036);
  std::tm fields{};
  const std::string text = Timestamp::from_ns(seconds * ns_per_second).to_string();
  const char* const end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &fields);
  RC_ASSERT(end != nullptr && *end == '\0');
  RC_ASSERT(timegm(&fields) == seconds);
}

RC_GTEST_PROP(TimestampProperty, AnyTextIsReadOrRefused, (const std::string& text)) {
  const auto timestamp = Timestamp::parse(text);
  RC_ASSERT(timestamp || timestamp.error().code == ErrorCode::parse ||
            timestamp.error().code == ErrorCode::invalid_argument);
}

TEST(Timestamp, BeforeTheEarliestThereIsNone) {
  using std::chrono::nanoseconds;
  EXPECT_EQ(Timestamp::from_ns(5).minus(nanoseconds(7)), Timestamp::from_ns(-2));
  EXPECT_EQ(Timestamp::from_ns(-2).minus(nanoseconds::max()), Timestamp::from_ns(INT64_MIN));
  EXPECT_EQ(Timestamp::from_ns(2).minus(nanoseconds::min()), Timestamp::from_ns(INT64_MAX));
}

}  // namespace
}  // namespace agentaudit
