#include "render/histogram_table.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "render/terminal_text.h"

namespace agentaudit {
namespace {

const std::vector<HistogramBucket> buckets = {
    {.start = Timestamp::from_ns(1'000'000'000), .total = 8, .errors = 2, .denied = 2},
    {.start = Timestamp::from_ns(2'000'000'000), .total = 0},
    {.start = Timestamp::from_ns(3'000'000'000), .total = 4}};

TEST(HistogramTable, OffATerminalThereAreNoBars) {
  EXPECT_EQ(histogram_table(buckets, {}),
            "START                     EVENTS  ERRORS  DENIED\n"
            "1970-01-01T00:00:01.000Z       8       2       2\n"
            "1970-01-01T00:00:02.000Z       0       0       0\n"
            "1970-01-01T00:00:03.000Z       4       0       0\n");
}

TEST(HistogramTable, ABarShowsErrorsDenialsAndTheRest) {
  // 48 columns of figures, 2 before the bar, 2 spare, 8 of bar.
  const std::string table = histogram_table(buckets, {.columns = 60});
  EXPECT_NE(table.find("2  ▓▓▒▒████\n"), std::string::npos) << table;
  EXPECT_NE(table.find("0  ████\n"), std::string::npos) << table;
  EXPECT_NE(table.find("02.000Z       0       0       0\n"), std::string::npos) << table;
}

TEST(HistogramTable, OneErrorAmongManyIsSeenAndEveryLineFits) {
  const std::vector<HistogramBucket> many = {
      {.start = {}, .total = 1'000'000, .errors = 1, .denied = 1}};
  for (std::size_t columns = 60; columns < 140; ++columns) {
    const std::string table = histogram_table(many, {.columns = columns});
    EXPECT_NE(table.find("▓▒█"), std::string::npos) << table;
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(terminal_columns(line), columns) << line;
    }
  }
}

TEST(HistogramTable, ANarrowTerminalGetsTheFiguresAlone) {
  EXPECT_EQ(histogram_table(buckets, {.columns = 40}), histogram_table(buckets, {}));
}

}  // namespace
}  // namespace agentaudit
