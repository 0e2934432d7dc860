#include "render/group_table.h"

#include <gtest/gtest.h>

#include <string>

#include "render/terminal_text.h"

namespace agentaudit {
namespace {

GroupsResult sample() {
  using std::chrono::milliseconds;
  GroupsResult result;
  result.groups = {{.name = "ada",
                    .events = 1'999,
                    .errors = 3,
                    .last = Timestamp::from_ns(1'795'500'000'123'456'789),
                    .duration = DurationQuantiles{.p50 = milliseconds(250),
                                                  .p95 = milliseconds(1'250),
                                                  .max = milliseconds(9'000)}},
                   {.name = "", .events = 1}};
  result.total = 2;
  result.events = 2'000;
  return result;
}

TEST(GroupTable, HasALineForEachGroup) {
  EXPECT_EQ(group_table(sample(), GroupBy::agent, {}),
            "AGENT   EVENTS   SHARE  ERRORS  DENIED  PENDING     P50     P95  LAST EVENT\n"
            "ada      1,999  99.9 %       3       0        0  250 ms  1.25 s  "
            "2026-11-24T06:00:00.123Z\n"
            "(none)       1   0.0 %       0       0        0                  "
            "1970-01-01T00:00:00.000Z\n");
}

TEST(GroupTable, IsHeadedByWhatItGroupsBy) {
  for (const auto& [by, heading] :
       {std::pair(GroupBy::category, "CATEGORY "), std::pair(GroupBy::action, "ACTION "),
        std::pair(GroupBy::agent, "AGENT "), std::pair(GroupBy::status, "STATUS "),
        std::pair(GroupBy::source, "SOURCE "), std::pair(GroupBy::target, "TARGET "),
        std::pair(GroupBy::principal, "PRINCIPAL "),
        std::pair(GroupBy::conversation, "CONVERSATION ")}) {
    EXPECT_TRUE(group_table(sample(), by, {}).starts_with(heading)) << heading;
  }
}

TEST(GroupTable, WithoutDurationsItHasNoColumnsForThem) {
  GroupsResult result = sample();
  result.groups[0].duration.reset();
  EXPECT_EQ(group_table(result, GroupBy::target, {}).find("P95"), std::string::npos);
}

TEST(GroupTable, FitsANarrowTerminalAndKeepsNameAndEvents) {
  const std::string table = group_table(sample(), GroupBy::agent, {.columns = 40});
  const std::string heading = table.substr(0, table.find('\n'));
  EXPECT_LE(terminal_columns(heading), 40U) << heading;
  EXPECT_NE(heading.find("AGENT   EVENTS"), std::string::npos) << heading;
}

TEST(GroupTable, ColoursOnlyWhatIsThere) {
  const std::string table = group_table(sample(), GroupBy::agent, {.columns = 0, .colours = true});
  const std::string red(colour_start(Colour::red));
  EXPECT_NE(table.find(red + "3"), std::string::npos) << table;
  EXPECT_EQ(table.find(red + "0"), std::string::npos) << table;
}

TEST(GroupTable, NamesAreMadeSafe) {
  GroupsResult result = sample();
  result.groups[0].name = "\x1b[2J";
  EXPECT_EQ(group_table(result, GroupBy::agent, {}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace agentaudit
