#include "render/activity_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "render/terminal_text.h"

namespace agentaudit {
namespace {

constexpr Timestamp at(std::int64_t seconds) { return Timestamp::from_ns(seconds * 1'000'000'000); }

std::vector<AgentActivity> sample() {
  return {{.agent = "ada",
           .events_1m = 12,
           .events_5m = 1'234,
           .errors = 3,
           .denied = 0,
           .pending = 2,
           .last = at(100),
           .last_action = "execute",
           .last_summary = "bash: ls"},
          {.agent = "", .events_5m = 5, .last = at(57), .last_action = "complete"}};
}

TEST(ActivityTable, TellsRatesTroublesAndTheLastAction) {
  EXPECT_EQ(activity_table(sample(), at(100), {}),
            "AGENT   1 MIN  5 MIN  ERRORS  DENIED  PENDING    AGO  LAST ACTION\n"
            "ada        12  246.8       3       0        2    now  bash: ls\n"
            "(none)      0    1.0       0       0        0   43 s  complete\n");
}

TEST(ActivityTable, AnEventOfTheFutureIsNow) {
  EXPECT_NE(activity_table(sample(), at(99), {}).find("now  bash: ls"), std::string::npos);
}

TEST(ActivityTable, NoLineIsWiderThanTheTerminal) {
  auto agents = sample();
  agents[0].agent = std::string(60, 'a');
  agents[0].last_summary = std::string(500, 's');
  for (std::size_t columns = 60; columns <= 160; ++columns) {
    const std::string table = activity_table(agents, at(100), {.columns = columns});
    for (std::size_t start = 0, end; (end = table.find('\n', start)) != std::string::npos;
         start = end + 1) {
      EXPECT_LE(terminal_columns(table.substr(start, end - start)), columns) << table;
    }
  }
}

TEST(ActivityTable, TextIsMadeSafe) {
  auto agents = sample();
  agents[0].agent = agents[0].last_summary = "\x1b[2J\n";
  const std::string table = activity_table(agents, at(100), {});
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 3);
}

TEST(ActivityTable, AsJsonItIsOneLine) {
  std::string text;
  append_json(text, sample()[0]);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(json["agent"], "ada");
  EXPECT_EQ(json["events_1m"], 12);
  EXPECT_EQ(json["events_5m"], 1'234);
  EXPECT_EQ(json["errors"], 3);
  EXPECT_EQ(json["pending"], 2);
  EXPECT_EQ(json["last"], "1970-01-01T00:01:40Z");
  EXPECT_EQ(json["last_summary"], "bash: ls");
}

}  // namespace
}  // namespace agentaudit
