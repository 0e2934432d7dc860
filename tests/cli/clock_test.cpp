// The clock of the machine jumps by ten years while the command runs. libfaketime
// (github.com/wolfcw/libfaketime) makes it jump.

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agentaudit/core/timestamp.h"
#include "cli/agentaudit_process.h"
#include "server/test_client.h"

namespace agentaudit {
namespace {

using Json = nlohmann::json;

class ClockTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string_view(AGENTAUDIT_FAKETIME).empty()) GTEST_SKIP() << "there is no libfaketime";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer has to be the first library";
#endif
    shift("+0");
    ::setenv("FAKETIME_TIMESTAMP_FILE", file_.c_str(), 1);
    ::setenv("FAKETIME_NO_CACHE", "1", 1);
    // No clock that is set moves this one.
    ::setenv("DONT_FAKE_MONOTONIC", "1", 1);
  }

  // Starts the command with a clock that `shift` sets.
  std::unique_ptr<Running> run(const std::vector<std::string>& arguments) const {
    ::setenv("LD_PRELOAD", AGENTAUDIT_FAKETIME, 1);
    auto running = std::make_unique<Running>(directory_, arguments);
    ::unsetenv("LD_PRELOAD");
    return running;
  }

  // From now on it is ahead by that much. Renamed, so that nobody reads half of it.
  void shift(const std::string& by) const {
    const std::filesystem::path next = file_.native() + ".next";
    std::ofstream(next) << by << '\n';
    std::filesystem::rename(next, file_);
  }

  // How many years from now each event happened, by its summary.
  std::map<std::string, int> years() const {
    std::map<std::string, int> years;
    std::istringstream lines(directory_.run({"list", "--json", "--limit", "100"}).out);
    for (std::string line; std::getline(lines, line);) {
      const Json event = Json::parse(line);
      const auto time = Timestamp::parse(event["timestamp"].get<std::string>());
      const double since = static_cast<double>(time->ns() - Timestamp::now().ns()) / 1e9;
      years[event["summary"]] = static_cast<int>(std::lround(since / (365.25 * 86'400)));
    }
    return years;
  }

  // Nothing but that the clock went back, so many times.
  void expect_only_the_clock(std::size_t times) const {
    const Finished verified = directory_.run({"verify", "--json"});
    EXPECT_EQ(verified.status, 1) << verified.out;
    const Json result = Json::parse(verified.out);
    EXPECT_EQ(result["verdict"], "incomplete");
    ASSERT_EQ(result["completeness"]["findings"].size(), times) << verified.out;
    for (const Json& finding : result["completeness"]["findings"]) {
      EXPECT_NE(finding["what"].get<std::string>().find("the clock is at"), std::string::npos);
    }
  }

  TrailDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "clock";
  static constexpr std::pair<const char*, int> jumps[] = {
      {"+0", 0}, {"+10y", 10}, {"+1s", 0}, {"-10y", -10}, {"+2s", 0}};
};

TEST_F(ClockTest, ARecorderKeepsEveryEventAtTheTimeThatTheClockShowed) {
  const auto recorder = run({"record", "--ack"});
  std::map<std::string, int> expected;
  for (const auto& [by, years] : jumps) {
    shift(by);
    recorder->write(R"({"category":"llm","summary":")" + std::string(by) + "\"}\n");
    EXPECT_NE(recorder->read_line(), "") << by;
    expected[by] = years;
  }
  recorder->close_input();
  EXPECT_EQ(recorder->wait(), 0);
  std::map<std::string, int> found = years();
  std::erase_if(found, [](const auto& entry) { return entry.first.starts_with("the clock"); });
  EXPECT_EQ(found, expected);
  expect_only_the_clock(1);
}

TEST_F(ClockTest, ADaemonAnswersAndRecordsOnWhicheverWayTheClockJumps) {
  const auto daemon = run({"serve", "--listen", "0"});
  test_http::TestClient client(port_of(*daemon));
  std::map<std::string, int> expected;
  for (const auto& [by, years] : jumps) {
    shift(by);
    const auto answer = client.ask("POST", "/api/v1/audit", "Content-Type: application/json\r\n",
                                   R"({"category":"llm","summary":")" + std::string(by) + "\"}");
    EXPECT_EQ(answer.status, 201) << answer.body;
    expected[by] = years;
  }
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait(), 0);
  std::map<std::string, int> found = years();
  std::erase_if(found, [](const auto& entry) { return !std::strchr("+-", entry.first[0]); });
  EXPECT_EQ(found, expected);
  expect_only_the_clock(1);
}

}  // namespace
}  // namespace agentaudit
