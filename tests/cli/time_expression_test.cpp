#include "cli/time_expression.h"

#include <gtest/gtest.h>

#include <string>

namespace agentaudit {
namespace {

using namespace std::chrono_literals;

const Timestamp now = *Timestamp::parse("2026-11-24T10:30:15.5Z");

std::string first(std::string_view text) {
  const auto span = parse_time_expression(text, now);
  return span ? span->first.to_string() : span.error().message;
}

std::string last(std::string_view text) {
  const auto span = parse_time_expression(text, now);
  return span ? span->last.to_string() : span.error().message;
}

TEST(TimeExpression, DurationsGoBackFromNow) {
  EXPECT_EQ(first("30s"), "2026-11-24T10:29:45.5Z");
  EXPECT_EQ(first("15m"), "2026-11-24T10:15:15.5Z");
  EXPECT_EQ(first("2h"), "2026-11-24T08:30:15.5Z");
  EXPECT_EQ(first("7d"), "2026-11-17T10:30:15.5Z");
  EXPECT_EQ(first("1w"), "2026-11-17T10:30:15.5Z");
  EXPECT_EQ(last("2h"), first("2h"));
}

TEST(TimeExpression, NowIsNow) { EXPECT_EQ(first("now"), "2026-11-24T10:30:15.5Z"); }

TEST(TimeExpression, DaysAreInUtcAndWhole) {
  EXPECT_EQ(first("today"), "2026-11-24T00:00:00Z");
  EXPECT_EQ(last("today"), "2026-11-24T23:59:59.999999999Z");
  EXPECT_EQ(first("yesterday"), "2026-11-23T00:00:00Z");
  EXPECT_EQ(last("yesterday"), "2026-11-23T23:59:59.999999999Z");
  EXPECT_EQ(first("2026-11-24"), "2026-11-24T00:00:00Z");
  EXPECT_EQ(last("2024-02-29"), "2024-02-29T23:59:59.999999999Z");
}

TEST(TimeExpression, Rfc3339IsAnInstant) {
  EXPECT_EQ(first("2026-11-24T08:00:00.25+01:00"), "2026-11-24T07:00:00.25Z");
  EXPECT_EQ(last("2026-11-24T08:00:00.25+01:00"), "2026-11-24T07:00:00.25Z");
}

TEST(TimeExpression, LongAgoIsTheBeginningNotAnOverflow) {
  EXPECT_EQ(first("106751d"),
            Timestamp::from_ns(now.ns() - 106'751 * 86'400'000'000'000).to_string());
  EXPECT_EQ(first("2262-04-11"), "2262-04-11T00:00:00Z");
  EXPECT_EQ(last("2262-04-11"), "2262-04-11T23:47:16.854775807Z") << "the end of time";
  for (const Timestamp end : {Timestamp::from_ns(INT64_MIN), Timestamp::from_ns(INT64_MAX)}) {
    for (const char* const day : {"today", "yesterday"}) {
      const TimeSpan span = parse_time_expression(day, end).value();
      EXPECT_LE(span.first, end) << day;
      EXPECT_LE(span.first, span.last) << day;
    }
  }
}

TEST(TimeExpression, WhatIsNoTimeIsRefusedWithWhatIsOne) {
  for (const std::string text : {"", "2", "h", "2x", "-2h", "2 h", "2h ago", "tomorrow", "24.11.",
                                 "2026-13-01", "2026-02-30", "9999999999999w", "2026-11-24T08"}) {
    const auto span = parse_time_expression(text, now);
    ASSERT_FALSE(span) << text;
    EXPECT_EQ(span.error().code, ErrorCode::invalid_argument) << text;
    EXPECT_NE(span.error().message.find(text), std::string::npos) << span.error().message;
  }
}

TEST(Duration, HasANumberAndAUnit) {
  EXPECT_EQ(parse_duration("90d"), 90 * 24h);
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("1").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(parse_duration("99999999999d").error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace agentaudit
