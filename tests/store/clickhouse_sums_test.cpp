#include "store/clickhouse_sums.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

ClickhouseSums sums(std::int64_t events, std::int64_t first_ns, std::int64_t last_ns,
                    ClickhouseSums::Counts agents = {}) {
  ClickhouseSums sums{
      .events = events, .first = Timestamp::from_ns(first_ns), .last = Timestamp::from_ns(last_ns)};
  sums.names[2] = std::move(agents);
  return sums;
}

ClickhousePart part(std::string name, std::int64_t rows) {
  return {.name = std::move(name), .modified_s = 1, .rows = rows};
}

TEST(ClickhouseSums, AddUp) {
  ClickhouseSums total;
  total.add(sums(0, 0, 0));
  EXPECT_EQ(total.events, 0);
  total.add(sums(3, 50, 60, {{"a", 2}, {"b", 1}}));
  total.add(sums(4, 40, 55, {{"a", 1}, {"c", 3}}));
  total.add(sums(0, 1, 99));
  EXPECT_EQ(total.events, 7);
  EXPECT_EQ(total.first.ns(), 40);
  EXPECT_EQ(total.last.ns(), 60);
  EXPECT_EQ(total.names[2], (ClickhouseSums::Counts{{"a", 3}, {"b", 1}, {"c", 3}}));
  EXPECT_EQ(total.size(), 3U);
}

TEST(ClickhouseSums, CountsComeMostFirstThenByName) {
  EXPECT_EQ(sorted_counts({{"a", 3}, {"b", 1}, {"c", 3}, {"d", 5}}),
            (std::vector<NameCount>{{.name = "d", .count = 5},
                                    {.name = "a", .count = 3},
                                    {.name = "c", .count = 3},
                                    {.name = "b", .count = 1}}));
}

TEST(ClickhousePartSums, WhatAMergeMadeOfKnownPartsIsKnownWhereNoRowWentWithIt) {
  ClickhousePartSums known = make_clickhouse_part_sums();
  const ClickhousePartList both = {part("p_1_1_0", 3), part("p_2_2_0", 4)};
  EXPECT_EQ(known.keep(both), both);
  known.learn(both[0], sums(3, 1, 2));
  known.learn(both[1], sums(4, 3, 4));
  EXPECT_TRUE(known.keep(both).empty());
  const ClickhousePart whole = part("p_1_2_1", 7);
  EXPECT_TRUE(known.keep({whole}).empty());
  ASSERT_NE(known.find(whole), nullptr);
  EXPECT_EQ(known.find(whole)->events, 7);
  EXPECT_EQ(known.find(both[0]), nullptr) << "it is forgotten";
}

TEST(ClickhousePartSums, AMergeThatTookRowsAwayHasToBeReadAnew) {
  ClickhousePartSums known = make_clickhouse_part_sums();
  const ClickhousePartList both = {part("p_1_1_0", 3), part("p_2_2_0", 4)};
  known.learn(both[0], sums(3, 1, 2));
  known.learn(both[1], sums(4, 3, 4));
  const ClickhousePart whole = part("p_1_2_1", 6);
  EXPECT_EQ(known.keep({whole}), ClickhousePartList{whole});
}

}  // namespace
}  // namespace agentaudit
