// Sets of ids as text.
#include "store/id_ranges.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
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
  for (const char* const text :
       {"0", "-1", "2-1", "1-1", "1,2", "3,1", "1-5,4", "1,", ",1", "1-", "1 ", "x", "01",
        "9223372036854775808", "1-3-5", "1-9223372036854775807,5"}) {
    EXPECT_FALSE(parse_id_ranges(text)) << text;
  }
}

TEST(IdRanges, ReachTheGreatestId) {
  constexpr EventId greatest = std::numeric_limits<EventId>::max();
  const IdRanges all = parse_id_ranges("1-9223372036854775807").value();
  const IdRanges last{{.first = greatest, .last = greatest}};
  EXPECT_EQ(count_ids(all), greatest);
  EXPECT_EQ(united(last, all), all);
  EXPECT_EQ(to_text(without(all, last)), "1-9223372036854775806");
  EXPECT_EQ(without(all, all), IdRanges{});
  EXPECT_EQ(without(last, {}), last);
  EXPECT_EQ(to_text(without(all, {{.first = 1, .last = 4}, {.first = 6, .last = greatest}})), "5");
  IdRanges added{{.first = 1, .last = greatest - 1}};
  add_id(added, greatest);
  EXPECT_EQ(added, all);
}

RC_GTEST_PROP(IdRanges, AreASet,
              (const std::set<std::uint8_t>& a, const std::set<std::uint8_t>& b)) {
  IdRanges of_a;
  IdRanges of_b;
  for (const int id : a) add_id(of_a, id + 1);
  for (const int id : b) add_id(of_b, id + 1);
  const IdRanges both = united(of_a, of_b);
  const IdRanges only_a = without(of_a, of_b);
  RC_ASSERT(parse_id_ranges(to_text(both)) == both);
  for (int id = 0; id < 256; ++id) {
    const auto of = static_cast<std::uint8_t>(id);
    RC_ASSERT(has_id(both, id + 1) == (a.contains(of) || b.contains(of)));
    RC_ASSERT(has_id(only_a, id + 1) == (a.contains(of) && !b.contains(of)));
  }
}

}  // namespace
}  // namespace agentaudit
