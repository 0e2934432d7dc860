#include "store/clickhouse_parts.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

using Ranges = std::vector<ClickhouseTrailRange>;

ClickhousePart part(std::string name, std::int64_t rows = 10) {
  return {.name = std::move(name), .modified_s = 1, .rows = rows};
}

ClickhousePartList list(std::initializer_list<const char*> names) {
  ClickhousePartList parts;
  for (const char* name : names) parts.push_back(part(name));
  return parts;
}

// A trail's events without a gap.
ClickhouseTrailRange range(std::string trail, EventId first, EventId last) {
  return {
      .trail = std::move(trail), .first_id = first, .last_id = last, .events = last - first + 1};
}

TEST(ClickhousePartName, IsReadWithAndWithoutAMutation) {
  const auto name = ClickhousePartName::parse("202611_1_127_4");
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, (ClickhousePartName{
                       .partition = "202611", .first_block = 1, .last_block = 127, .level = 4}));
  EXPECT_TRUE(ClickhousePartName::parse("202611_1_1_0_7")->is_mutated);
  for (const char* other : {"", "202611", "202611_1_2", "202611_2_1_0", "202611_a_2_0", "_1_2_0",
                            "202611_1_2_0_x", "202611_1_2_-1", "a_b_1_2_0_1",
                            "20261101_20261130_1_2_0", "202611_1_9223372036854775807_0"}) {
    EXPECT_FALSE(ClickhousePartName::parse(other)) << other;
  }
}

TEST(ClickhouseParts, RangesThatDoNotMeetRepeatNothing) {
  ClickhouseParts parts;
  const auto both = list({"p_1_1_0", "p_2_2_0"});
  EXPECT_EQ(parts.keep(both), both);
  parts.learn(both[0], {range("a", 1, 10), range("b", 5, 9)});
  parts.learn(both[1], {range("a", 11, 20), range("b", 1, 4)});
  EXPECT_TRUE(parts.keep(both).empty());
  EXPECT_FALSE(parts.may_repeat(both));
  EXPECT_EQ(parts.ranges(), 4U);
}

TEST(ClickhouseParts, RangesThatMeetInOneTrailMayRepeat) {
  ClickhouseParts parts;
  const auto both = list({"p_1_1_0", "q_2_2_0"});
  parts.learn(both[0], {range("a", 1, 10), range("b", 1, 10)});
  parts.learn(both[1], {range("a", 11, 20), range("b", 10, 12)});
  EXPECT_TRUE(parts.may_repeat(both));
  EXPECT_FALSE(parts.may_repeat({both[0]}));
}

TEST(ClickhouseParts, MoreEventsThanIdsMayRepeatWithinOnePart) {
  ClickhouseParts parts;
  const auto one = list({"p_1_1_0"});
  parts.learn(one[0], {{.trail = "a", .first_id = 1, .last_id = 10, .events = 11}});
  EXPECT_TRUE(parts.may_repeat(one));
}

TEST(ClickhouseParts, APartThatIsNotKnownMayRepeat) {
  ClickhouseParts parts;
  EXPECT_TRUE(parts.may_repeat(list({"p_1_1_0"})));
}

TEST(ClickhouseParts, AnAnswerForSomePartsIsNoneForOthers) {
  ClickhouseParts parts;
  const auto both = list({"p_1_1_0", "p_2_2_0"});
  parts.learn(both[0], {range("a", 1, 10)});
  parts.learn(both[1], {range("a", 5, 6)});
  EXPECT_FALSE(parts.may_repeat({both[0]}));
  EXPECT_TRUE(parts.may_repeat(both));
  EXPECT_FALSE(parts.may_repeat({both[1]}));
}

TEST(ClickhouseParts, ATableThatWasMadeAnewIsReadAnew) {
  ClickhouseParts parts;
  auto one = list({"p_1_1_0"});
  parts.learn(one[0], {range("a", 1, 10)});
  EXPECT_TRUE(parts.keep(one).empty());
  one[0].modified_s = 2;
  EXPECT_EQ(parts.keep(one), one);
  EXPECT_TRUE(parts.may_repeat(one));
}

TEST(ClickhouseParts, WhatAMergeMadeOfKnownPartsIsKnown) {
  ClickhouseParts parts;
  parts.learn(part("p_1_2_1"), {range("a", 1, 10), range("b", 1, 3)});
  parts.learn(part("p_3_3_0"), {range("a", 11, 20)});
  const ClickhousePartList merged = {part("p_1_3_2", 20), part("p_4_4_0")};
  EXPECT_EQ(parts.keep(merged), ClickhousePartList{part("p_4_4_0")});
  parts.learn(merged[1], {range("b", 3, 3)});
  EXPECT_TRUE(parts.may_repeat(merged));
  EXPECT_FALSE(parts.may_repeat({merged[0]}));
  EXPECT_EQ(parts.ranges(), 3U) << "the parts that were merged are forgotten";
}

TEST(ClickhouseParts, AMergeOfWhatIsNotAllKnownIsRead) {
  const auto is_known = [](std::int64_t rows, const Ranges& other) {
    ClickhouseParts parts;
    parts.learn(part("p_1_2_1"), {range("a", 1, 10)});
    parts.learn(part("p_3_3_0"), other);
    return parts.keep({part("p_1_3_2", rows)}).empty();
  };
  EXPECT_TRUE(is_known(20, {range("a", 11, 20)}));
  EXPECT_FALSE(is_known(20, {range("a", 10, 19)})) << "which rows are left is not known";
  EXPECT_FALSE(is_known(19, {range("a", 11, 20)})) << "it has fewer rows than they had";
  ClickhouseParts parts;
  parts.learn(part("p_1_2_1"), {range("a", 1, 10)});
  parts.learn(part("p_4_4_0"), {range("a", 11, 20)});
  EXPECT_FALSE(parts.keep({part("p_1_4_2", 20)}).empty()) << "nobody knows block 3";
  parts.learn(part("p_1_2_1"), {range("a", 1, 10)});
  EXPECT_FALSE(parts.keep({part("q_1_2_2")}).empty()) << "another partition";
}

TEST(ClickhouseParts, TheSamePartsFollow) {
  const auto parts = list({"p_1_1_0", "p_2_2_0"});
  EXPECT_TRUE(ClickhouseParts::follows(parts, parts));
}

TEST(ClickhouseParts, AnInsertFollows) {
  EXPECT_TRUE(ClickhouseParts::follows(list({"p_1_1_0"}), list({"p_1_1_0", "p_2_2_0"})));
}

TEST(ClickhouseParts, AMergeOfWhatWasThereFollows) {
  EXPECT_TRUE(ClickhouseParts::follows(list({"p_1_1_0", "p_2_5_1", "p_6_6_0", "q_7_7_0"}),
                                       list({"p_1_6_2", "q_7_7_0", "q_8_8_0"})));
  EXPECT_TRUE(ClickhouseParts::follows(list({"p_1_1_0"}), list({"p_1_1_0_2"})));
}

TEST(ClickhouseParts, ABlockThatCameAndWasMergedDoesNotFollow) {
  const auto before = list({"p_1_1_0", "p_2_2_0"});
  EXPECT_FALSE(ClickhouseParts::follows(before, list({"p_1_3_1"})));
  EXPECT_FALSE(ClickhouseParts::follows(before, list({"p_1_1_0", "p_2_2_0", "p_3_4_1"})));
  EXPECT_FALSE(ClickhouseParts::follows(before, list({"p_1_1_0", "p_2_2_0", "p_3_3_0_4"})));
  EXPECT_FALSE(ClickhouseParts::follows(before, list({"p_1_1_0", "p_2_2_0", "p_3_3_1"})));
}

TEST(ClickhouseParts, ABlockThatCameLateBetweenTwoDoesNotFollow) {
  EXPECT_FALSE(ClickhouseParts::follows(list({"p_1_1_0", "p_3_3_0"}), list({"p_1_3_1"})));
}

TEST(ClickhouseParts, WhatIsGoneDoesNotFollow) {
  EXPECT_FALSE(ClickhouseParts::follows(list({"p_1_1_0", "q_2_2_0"}), list({"p_1_1_0"})));
}

TEST(ClickhouseParts, NamesOfAnotherKindDoNotFollow) {
  EXPECT_FALSE(ClickhouseParts::follows(list({"x"}), list({"x", "p_1_1_0"})));
}

}  // namespace
}  // namespace agentaudit
