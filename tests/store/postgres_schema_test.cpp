#include "store/postgres_schema.h"

#include <limits>

#include <gtest/gtest.h>

#include "store/error_code.h"

namespace agentaudit::postgres_schema {
namespace {

Timestamp when(const char* text) { return Timestamp::parse(text).value(); }

const Timestamp now = when("2026-11-30T12:00:00Z");

TEST(PostgresSchemaTest, AMonthIsTheOneOfUtcThatATimeIsIn) {
  for (const char* text : {"2026-10-01T00:00:00Z", "2026-10-31T23:59:59.999999999Z"}) {
    const auto month = month_of(when(text), now);
    ASSERT_TRUE(month) << text;
    EXPECT_EQ(month->name, "agentaudit_events_2026_10");
    EXPECT_EQ(month->first, when("2026-10-01T00:00:00Z").ns());
    EXPECT_EQ(month->end, when("2026-11-01T00:00:00Z").ns());
  }
}

TEST(PostgresSchemaTest, MonthsAreKeptFrom2000ToTheNextOne) {
  EXPECT_EQ(month_of(when("2000-01-01T00:00:00Z"), now)->name, "agentaudit_events_2000_01");
  EXPECT_EQ(month_of(when("2026-12-31T23:59:59Z"), now)->name, "agentaudit_events_2026_12");
  for (const Timestamp outside : {when("1999-12-31T23:59:59Z"), when("2027-01-01T00:00:00Z"),
                                  Timestamp::from_ns(std::numeric_limits<std::int64_t>::min()),
                                  Timestamp::from_ns(std::numeric_limits<std::int64_t>::max())}) {
    EXPECT_EQ(error_code(month_of(outside, now)), ErrorCode::not_found);
  }
}

TEST(PostgresSchemaTest, ANameOfASchemaIsOneThatNeedsNoQuotes) {
  EXPECT_TRUE(ddl("audit_2"));
  EXPECT_TRUE(ddl(std::string(63, 'a')));
  for (const std::string& name : {std::string("Audit"), std::string("2a"), std::string("a b"),
                                  std::string("a;b"), std::string(64, 'a')}) {
    EXPECT_EQ(error_code(ddl(name)), ErrorCode::invalid_argument) << name;
  }
}

}  // namespace
}  // namespace agentaudit::postgres_schema
