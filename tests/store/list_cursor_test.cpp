#include "store/list_cursor.h"

#include <limits>

#include <gtest/gtest.h>

#include "store/error_code.h"

namespace agentaudit {
namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

TEST(ListCursor, TheTextNamesTheOrder) {
  const ListCursor cursor{.timestamp = Timestamp::from_ns(12), .id = 34};
  EXPECT_EQ(cursor.to_string(Order::newest_first), "n:12:34");
  EXPECT_EQ(cursor.to_string(Order::oldest_first), "o:12:34");
  EXPECT_EQ(cursor.to_string(Order::commit), "34");
}

TEST(ListCursor, ComesBackFromItsTextAtEveryExtreme) {
  for (const std::int64_t ns : {least, std::int64_t{-1}, std::int64_t{0}, greatest}) {
    for (const EventId id : {EventId{1}, greatest}) {
      for (const Order order : {Order::newest_first, Order::oldest_first}) {
        const ListCursor cursor{.timestamp = Timestamp::from_ns(ns), .id = id};
        const auto parsed = ListCursor::parse(cursor.to_string(order), order);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->timestamp.ns(), ns);
        EXPECT_EQ(parsed->id, id);
      }
    }
  }
  EXPECT_EQ(ListCursor::parse("9223372036854775807", Order::commit)->id, greatest);
}

TEST(ListCursor, WhatIsNoCursorOfTheOrderIsRefused) {
  for (const char* text :
       {"", "n", "n:", "n:1", "n:1:", "n::1", "n:1:2 ", " n:1:2", "n:1:2:3", "N:1:2", "x:1:2",
        "n:9223372036854775808:1", "n:1:9223372036854775808", "n:+1:2", "n:0x1:2", "o:1:2", "7"}) {
    EXPECT_EQ(error_code(ListCursor::parse(text, Order::newest_first)), ErrorCode::invalid_argument)
        << text;
  }
  for (const char* text : {"", "n:1:2", "1x", "x", "1:2", "9223372036854775808"}) {
    EXPECT_EQ(error_code(ListCursor::parse(text, Order::commit)), ErrorCode::invalid_argument)
        << text;
  }
}

TEST(ListCursor, TheRefusalShowsTheTextButNotAllOfALongOne) {
  const auto refused = ListCursor::parse(std::string(1'000, 'x'), Order::commit);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find(std::string(64, 'x')), std::string::npos);
  EXPECT_LT(refused.error().message.size(), 200U);
}

}  // namespace
}  // namespace agentaudit
