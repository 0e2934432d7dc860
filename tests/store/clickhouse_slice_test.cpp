#include "store/clickhouse_slice.h"

#include <limits>
#include <memory>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000;

// In each of the hours 0 to 4 ten events from its minute 10 to its minute 50.
ClickhouseCubes five_hours() {
  auto cube = std::make_shared<ClickhouseCube>();
  for (std::int64_t hour = 0; hour < 5; ++hour) {
    cube->add({"llm", "ok", "a", "", ""}, {.events = 10,
                                           .first_ns = hour * hour_ns + hour_ns / 6,
                                           .last_ns = hour * hour_ns + hour_ns / 6 * 5});
  }
  return {cube};
}

ClickhouseSlice between(std::int64_t since_ns, std::int64_t until_ns) {
  return {five_hours(), {}, {.first_ns = since_ns, .last_ns = until_ns}};
}

void expect_edge(const ClickhouseSlice& slice, std::size_t i, std::int64_t first_ns,
                 std::int64_t last_ns) {
  EXPECT_EQ(slice.edges().at(i).first_ns, first_ns);
  EXPECT_EQ(slice.edges().at(i).last_ns, last_ns);
}

TEST(ClickhouseSlice, ReadsNothingOfWholeHours) {
  const ClickhouseSlice all(five_hours(), {}, {});
  EXPECT_TRUE(all.edges().empty());
  EXPECT_EQ(all.sums().events, 50);
  const ClickhouseSlice some = between(hour_ns, 3 * hour_ns - 1);
  EXPECT_TRUE(some.edges().empty());
  EXPECT_EQ(some.sums().events, 20);
}

TEST(ClickhouseSlice, ReadsNothingWhereNoEventIsOnTheOtherSide) {
  const ClickhouseSlice slice = between(hour_ns + 5, 3 * hour_ns - 5);
  EXPECT_TRUE(slice.edges().empty()) << "the events begin later, and end before";
  EXPECT_EQ(slice.sums().events, 20);
}

TEST(ClickhouseSlice, ReadsTheEdgesThatCutAnHour) {
  ClickhouseSlice slice = between(hour_ns + hour_ns / 2, 3 * hour_ns + hour_ns / 2);
  ASSERT_EQ(slice.edges().size(), 2U);
  expect_edge(slice, 0, hour_ns + hour_ns / 2, 2 * hour_ns - 1);
  expect_edge(slice, 1, 3 * hour_ns, 3 * hour_ns + hour_ns / 2);
  EXPECT_EQ(slice.sums().events, 10) << "the hour between";
  slice.edge().add(
      {"llm", "error", "a", "", ""},
      {.events = 4, .first_ns = hour_ns + hour_ns / 2, .last_ns = hour_ns + hour_ns / 2 + 1});
  const ClickhouseSums sums = slice.sums();
  EXPECT_EQ(sums.events, 14);
  EXPECT_EQ(sums.first.ns(), hour_ns + hour_ns / 2);
  std::int64_t errors = 0;
  slice.for_each([&](std::string_view status, const ClickhouseCube::Cell& cell) {
    if (status == "error") errors += cell.events;
  });
  EXPECT_EQ(errors, 4);
}

TEST(ClickhouseSlice, ReadsAllOfAWindowWithinOneHour) {
  const ClickhouseSlice both = between(hour_ns + hour_ns / 2, hour_ns + hour_ns / 2 + 9);
  ASSERT_EQ(both.edges().size(), 1U);
  expect_edge(both, 0, hour_ns + hour_ns / 2, hour_ns + hour_ns / 2 + 9);
  EXPECT_EQ(both.sums().events, 0);
  const ClickhouseSlice late = between(hour_ns, hour_ns + hour_ns / 2);
  ASSERT_EQ(late.edges().size(), 1U);
  expect_edge(late, 0, hour_ns, hour_ns + hour_ns / 2);
  EXPECT_EQ(late.sums().events, 0);
  const ClickhouseSlice early = between(hour_ns + hour_ns / 2, 2 * hour_ns - 1);
  ASSERT_EQ(early.edges().size(), 1U);
  EXPECT_EQ(early.sums().events, 0);
}

TEST(ClickhouseSlice, HoldsAtTheEndsOfTime) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
  auto cube = std::make_shared<ClickhouseCube>();
  cube->add({}, {.events = 2, .first_ns = least, .last_ns = least + 9});
  cube->add({}, {.events = 3, .first_ns = greatest - 9, .last_ns = greatest});
  const ClickhouseSlice late({cube}, {}, {.first_ns = greatest - 5});
  ASSERT_EQ(late.edges().size(), 1U);
  expect_edge(late, 0, greatest - 5, greatest);
  EXPECT_EQ(late.sums().events, 0);
  const ClickhouseSlice early({cube}, {}, {.last_ns = least + 5});
  ASSERT_EQ(early.edges().size(), 1U);
  expect_edge(early, 0, least, least + 5);
  EXPECT_EQ(early.sums().events, 0);
  const ClickhouseSlice all({cube}, {}, {});
  EXPECT_TRUE(all.edges().empty());
  EXPECT_EQ(all.sums().events, 5);
}

}  // namespace
}  // namespace agentaudit
