// The live view.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/agentaudit_process.h"
#include "store/sqlite_connection.h"

namespace agentaudit {
namespace {

// Without a timestamp they happen as they are recorded; the last one happened long ago.
constexpr std::string_view sample =
    R"({"category":"tool_call","action":"execute","agent":"ada","summary":"bash: ls","status":"pending","span_id":"00000000000000aa"}
{"category":"tool_call","action":"execute","agent":"ada","summary":"bash: pwd","status":"error"}
{"category":"llm","action":"complete","agent":"bob","status":"denied"}
{"category":"llm","action":"complete","agent":"eve","timestamp":"2020-01-01T00:00:00Z"}
)";

class Top : public testing::Test {
 protected:
  Top() { directory_.record(sample); }

  TrailDirectory directory_;
};

TEST_F(Top, OffATerminalItIsPrintedOnce) {
  const Finished printed = directory_.run({"top"});
  EXPECT_EQ(printed.status, 0);
  EXPECT_TRUE(printed.out.starts_with("AGENT  1 MIN  5 MIN  ERRORS")) << printed.out;
  EXPECT_NE(printed.out.find("ada        2    0.4       1"), std::string::npos) << printed.out;
  EXPECT_NE(printed.out.find("bash: pwd\n"), std::string::npos) << printed.out;
  EXPECT_EQ(printed.out.find("eve"), std::string::npos);
  EXPECT_EQ(printed.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(printed.err, "");
}

TEST_F(Top, AsJsonEachAgentIsAnObject) {
  const Finished printed = directory_.run({"top", "--json"});
  EXPECT_EQ(std::count(printed.out.begin(), printed.out.end(), '\n'), 2);
  const auto busiest = nlohmann::json::parse(printed.out.substr(0, printed.out.find('\n')));
  EXPECT_EQ(busiest["agent"], "ada");
  EXPECT_EQ(busiest["events_1m"], 2);
  EXPECT_EQ(busiest["events_5m"], 2);
  EXPECT_EQ(busiest["errors"], 1);
  EXPECT_EQ(busiest["denied"], 0);
  EXPECT_EQ(busiest["pending"], 1);
  EXPECT_EQ(busiest["last_action"], "execute");
  EXPECT_EQ(busiest["last_summary"], "bash: pwd");
}

TEST_F(Top, AnIntentIsPendingUntilItEnds) {
  const auto pending = [&] {
    const Finished printed = directory_.run({"top", "--json"});
    return nlohmann::json::parse(printed.out.substr(0, printed.out.find('\n')))["pending"];
  };
  EXPECT_EQ(pending(), 1);
  directory_.record(
      R"({"category":"tool_call","agent":"ada","status":"ok","span_id":"00000000000000aa"})"
      "\n");
  EXPECT_EQ(pending(), 0);
}

TEST_F(Top, OnATerminalOnceLeavesTheScreenAlone) {
  const Finished shown = directory_.run_on_terminal({"top", "--once"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_EQ(shown.out.find("\x1b[?1049h"), std::string::npos);
  EXPECT_NE(shown.out.find("bob"), std::string::npos);
}

TEST_F(Top, OnATerminalItHasAScreenOfItsOwnUntilTheKeyQ) {
  const Finished shown = directory_.run_on_terminal({"top"}, 80, "q");
  EXPECT_EQ(shown.status, 0);
  const std::size_t enter = shown.out.find("\x1b[?1049h");
  const std::size_t agent = shown.out.find("ada");
  const std::size_t leave = shown.out.find("\x1b[?25h\x1b[?1049l");
  ASSERT_NE(leave, std::string::npos) << shown.out;
  EXPECT_LT(enter, agent);
  EXPECT_LT(agent, leave);
  EXPECT_NE(shown.out.find("2 agents, 3 events in 5 min"), std::string::npos) << shown.out;
}

TEST_F(Top, AStopLeavesTheTerminalAsItWasAndTheScreenComesBackAfterIt) {
  // Here no shell could let it go on, so the kernel does at once.
  const Finished shown = directory_.run_on_terminal({"top"}, 80, "\x1aq", "ada");
  EXPECT_EQ(shown.status, 0);
  std::string switches;
  for (std::size_t at = 0; (at = shown.out.find("\x1b[?1049", at)) != std::string::npos; ++at) {
    switches += shown.out[at + 7];
  }
  EXPECT_EQ(switches, "hlhl");
}

TEST_F(Top, ATrailThatCannotBeReadIsSaidAfterTheScreenHasGone) {
  {
    auto trail = SqliteConnection::open(directory_.trail(), SqliteConnection::Mode::read_write, {});
    ASSERT_TRUE(trail && trail->exec("DROP TABLE chunks"));
  }
  const Finished shown = directory_.run_on_terminal({"top"}, 80, "q");
  EXPECT_EQ(shown.status, 3);
  const std::size_t leave = shown.out.find("\x1b[?1049l");
  ASSERT_NE(leave, std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("no such table: chunks", leave), std::string::npos) << shown.out;
}

TEST(TopWithoutEvents, SaysSo) {
  const TrailDirectory directory;
  directory.record("{\"category\":\"llm\",\"timestamp\":\"2020-01-01T00:00:00Z\"}\n");
  const Finished printed = directory.run({"top"});
  EXPECT_EQ(printed.status, 0);
  EXPECT_EQ(printed.out, "");
  EXPECT_EQ(printed.err, "no events in the last five minutes\n");
  EXPECT_EQ(directory.run({"top", "--json"}).out, "");
}

}  // namespace
}  // namespace agentaudit
