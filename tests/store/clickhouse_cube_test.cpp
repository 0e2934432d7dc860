#include "store/clickhouse_cube.h"

#include <limits>
#include <utility>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

using Cell = ClickhouseCube::Cell;
using Filter = ClickhouseCube::Filter;
using Names = ClickhouseCube::Names;
using Window = ClickhouseCube::Window;

constexpr std::int64_t hour_ns = 3'600'000'000'000;

Names of(std::string_view status, std::string_view agent, std::string_view source = "hook") {
  return {"tool_call", status, agent, source, "Bash"};
}

Cell cell(std::int64_t events, std::int64_t first_ns, std::int64_t last_ns) {
  return {.events = events, .first_ns = first_ns, .last_ns = last_ns};
}

void fill(ClickhouseCube& cube) {
  cube.add(of("ok", "a"), cell(5, 10, 90));
  cube.add(of("error", "a"), cell(2, 20, 30));
  cube.add(of("ok", "b", "otlp"), cell(3, 15, 95));
  cube.add(of("ok", "a"), cell(7, hour_ns, hour_ns + 5));
}

ClickhouseSums sums_of(const ClickhouseCube& cube, const Filter& filter,
                       const Window& window = {}) {
  ClickhouseSums sums;
  cube.add_to(sums, filter, window);
  return sums;
}

TEST(ClickhouseCube, AddsUpWhatTheFilterTakes) {
  ClickhouseCube cube;
  fill(cube);
  EXPECT_EQ(sums_of(cube, {}).events, 17);
  Filter errors;
  errors.wanted[ClickhouseCube::status_column] = {"error", "denied"};
  const ClickhouseSums found = sums_of(cube, errors);
  EXPECT_EQ(found.events, 2);
  EXPECT_EQ(found.first.ns(), 20);
  EXPECT_EQ(found.last.ns(), 30);
  EXPECT_EQ(found.names[2], (ClickhouseSums::Counts{{"a", 2}})) << "nobody else had errors";
  const Filter no_otlp = {.unwanted_sources = {"otlp"}};
  EXPECT_EQ(sums_of(cube, no_otlp).events, 14);
  Filter nobody;
  nobody.wanted[2] = {"c"};
  EXPECT_EQ(sums_of(cube, nobody).events, 0);
}

TEST(ClickhouseCube, TakesCellsThatLieWithinTheWindowWhole) {
  ClickhouseCube cube;
  fill(cube);
  EXPECT_EQ(sums_of(cube, {}, {.first_ns = 10, .last_ns = 90}).events, 7);
  EXPECT_EQ(sums_of(cube, {}, {.first_ns = 11}).events, 12);
  EXPECT_EQ(sums_of(cube, {}, {.first_ns = 50, .last_ns = 20}).events, 0);
  EXPECT_TRUE(cube.is_cut({}, 11));
  EXPECT_TRUE(cube.is_cut({}, 95));
  EXPECT_FALSE(cube.is_cut({}, 96));
  EXPECT_FALSE(cube.is_cut({}, 10)) << "all of them are from then on";
  Filter errors;
  errors.wanted[ClickhouseCube::status_column] = {"error"};
  EXPECT_FALSE(cube.is_cut(errors, 11)) << "the cells that it cuts do not count";
}

TEST(ClickhouseCube, MakesOneCellOfThoseOfAnHourAndNames) {
  ClickhouseCube one;
  ClickhouseCube two;
  fill(one);
  two.add(of("pending", "z"), cell(1, -5, -5));
  two.add(of("ok", "a"), cell(4, 1, 20));
  ClickhouseCube both;
  both.add({&one, &two});
  EXPECT_EQ(both.size(), 5U);
  const ClickhouseSums found = sums_of(both, {});
  EXPECT_EQ(found.events, 22);
  EXPECT_EQ(found.first.ns(), -5);
  EXPECT_EQ(found.names[1], (ClickhouseSums::Counts{{"error", 2}, {"ok", 19}, {"pending", 1}}));
  EXPECT_EQ(sums_of(both, {}, {.first_ns = 0, .last_ns = 90}).events, 11);
}

TEST(ClickhouseCube, SaysWhichStatusACellHas) {
  ClickhouseCube cube;
  fill(cube);
  std::vector<std::pair<std::string, std::int64_t>> seen;
  cube.for_each({}, {.first_ns = 16}, [&](std::string_view status, const Cell& at) {
    seen.emplace_back(status, at.events);
  });
  EXPECT_EQ(seen, (std::vector<std::pair<std::string, std::int64_t>>{{"error", 2}, {"ok", 7}}));
}

TEST(ClickhouseCube, HoursAreThoseOfUtcToTheEndsOfTime) {
  EXPECT_EQ(ClickhouseCube::hour_of(0).first_ns, 0);
  EXPECT_EQ(ClickhouseCube::hour_of(hour_ns - 1).first_ns, 0);
  EXPECT_EQ(ClickhouseCube::hour_of(hour_ns).last_ns, 2 * hour_ns - 1);
  EXPECT_EQ(ClickhouseCube::hour_of(-1).first_ns, -hour_ns);
  EXPECT_EQ(ClickhouseCube::hour_of(-1).last_ns, -1);
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(ClickhouseCube::hour_of(least).first_ns, least);
  EXPECT_EQ(ClickhouseCube::hour_of(greatest).last_ns, greatest);
}

}  // namespace
}  // namespace agentaudit
