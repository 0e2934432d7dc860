// Sets of ids as text.
#include "store/id_ranges.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace agentaudit {
namespace {

TEST(IdRanges, NeighboursBecomeOneRange) {
  IdRanges ranges;
  for (const EventId id : {1, 2, 3, 7, 9, 10}) add_id(ranges, id);
  EXPECT_EQ(to_text(ranges), "1-3,7,9-10");
  EXPECT_EQ(count_ids(ranges), 6);
  EXPECT_EQ(parse_id_ranges("1-3,7,9-10"), ranges);
  EXPECT_EQ(to_text({}), "");
  EXPECT_EQ(parse_id_ranges(""), IdRanges{});
}

TEST(IdRanges, WhatIsNotAscendingIsRefused) {
  for (const char* const text : {"0", "-1", "2-1", "1-1", "1,2", "3,1", "1-5,4", "1,", ",1", "1-",
                                 "1 ", "x", "01", "9223372036854775808", "1-3-5"}) {
    EXPECT_FALSE(parse_id_ranges(text)) << text;
  }
}

RC_GTEST_PROP(IdRanges, AreASet,
              (const std::set<std::uint8_t>& a, const std::set<std::uint8_t>& b)) {
  IdRanges of_a;
  IdRanges of_b;
  for (const int id : a) add_id(of_a, id + 1);
  for (const int id : b) add_id(of_b, id + 1);
  const IdRanges both = united(of_a, of_b);
  RC_ASSERT(parse_id_ranges(to_text(both)) == both);
  for (int id = 0; id < 256; ++id) {
    const auto of = static_cast<std::uint8_t>(id);
    RC_ASSERT(has_id(both, id + 1) == (a.contains(of) || b.contains(of)));
  }
}

}  // namespace
}  // namespace agentaudit
