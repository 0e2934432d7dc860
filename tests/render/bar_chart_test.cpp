#include "render/bar_chart.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agentaudit {
namespace {

TEST(BarChart, BarsAreInProportionToTheCounts) {
  const std::vector<NameCount> counts = {{"llm", 8}, {"mcp", 4}};
  EXPECT_EQ(bar_chart(counts, {.title = "Category", .style = {.columns = 18}}),
            "Category\n"
            "  llm  8  ████████\n"
            "  mcp  4  ████\n");
}

TEST(BarChart, ACountOverZeroIsAlwaysSeen) {
  const std::vector<NameCount> counts = {{"a", 1'000'000}, {"b", 1}, {"c", 0}};
  const std::string chart = bar_chart(counts, {.title = "T", .style = {.columns = 40}});
  EXPECT_NE(chart.find("          1  ▏\n"), std::string::npos) << chart;
  EXPECT_NE(chart.find("          0  \n"), std::string::npos) << chart;
}

TEST(BarChart, ManyNamesAreSummedUp) {
  std::vector<NameCount> counts;
  for (int i = 0; i < 9; ++i) counts.push_back({"n" + std::to_string(i), 10 - i});
  const std::string chart = bar_chart(counts, {.title = "T", .style = {}, .rows_max = 4});
  EXPECT_NE(chart.find("… 6 more  27\n"), std::string::npos) << chart;
}

TEST(BarChart, NamesAreMadeSafeAndTheEmptyOneIsLeftOut) {
  const std::string chart =
      bar_chart(std::vector<NameCount>{{"", 9}, {"\x1b[2J", 1}}, {.title = "T", .style = {}});
  EXPECT_EQ(chart.find('\x1b'), std::string::npos);
  EXPECT_EQ(chart.find('9'), std::string::npos);
}

TEST(BarChart, NoCountsMakeNoChart) {
  EXPECT_EQ(bar_chart({}, {.title = "T", .style = {}}), "");
  EXPECT_EQ(histogram_chart({}, {.title = "T", .style = {}}), "");
}

TEST(BarChart, OffATerminalThereAreNoBars) {
  const std::vector<NameCount> counts = {{"llm", 8}};
  EXPECT_EQ(bar_chart(counts, {.title = "T", .style = {}}), "T\n  llm  8\n");
  EXPECT_EQ(histogram_chart(std::vector<HistogramBucket>(3), {.title = "T", .style = {}}), "");
}

TEST(HistogramChart, DrawsOneColumnABucket) {
  std::vector<HistogramBucket> buckets(3);
  buckets[0].total = 6;
  buckets[2].total = 1;
  const std::string chart =
      histogram_chart(buckets, {.title = "Over time", .style = {.columns = 40}});
  EXPECT_NE(chart.find("Over time\n"
                       "  █    6\n"
                       "  █  \n"
                       "  █ ▄\n"),
            std::string::npos)
      << chart;
}

TEST(SideBySide, LinesUpTheSecondChart) {
  EXPECT_EQ(side_by_side("a\nbb\n", "x\ny\nz\n", {.columns = 20}),
            "a         x\n"
            "bb        y\n"
            "          z\n");
}

TEST(SideBySide, ColoursDoNotCount) {
  EXPECT_EQ(side_by_side("\x1b[1ma\x1b[0m\n", "x\n", {.columns = 20}),
            "\x1b[1ma\x1b[0m         x\n");
}

}  // namespace
}  // namespace agentaudit
