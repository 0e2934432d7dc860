// ship to a daemon: each event once, and to no daemon of the same trail.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/agentaudit_process.h"

namespace agentaudit {
namespace {

class ShipDaemonTest : public testing::Test {
 protected:
  void start_daemon(const TrailDirectory& of, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"serve", "--unix", socket_};
    words.insert(words.end(), more.begin(), more.end());
    daemon_ = std::make_unique<Running>(of, words);
    EXPECT_NE(daemon_->read_error_line().find("listening on unix:"), std::string::npos);
  }
  void stop_daemon() {
    daemon_->signal(SIGTERM);
    EXPECT_EQ(daemon_->wait(), 0);
    daemon_.reset();
  }

  void record(int count) const {
    std::string lines;
    for (int i = 0; i < count; ++i) {
      lines += R"({"category":"llm","summary":"event )" + std::to_string(i) + "\"}\n";
    }
    ASSERT_EQ(here_.run({"record"}, lines).status, 0);
  }
  Finished ship(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"ship", "--to", url_, "--cursor", cursor_};
    words.insert(words.end(), more.begin(), more.end());
    return here_.run(words);
  }
  // Of what the daemon has.
  long events(const std::string& category, const std::string& action = "") const {
    std::istringstream all(there_.run({"export", "--category", category}).out);
    long count = 0;
    for (std::string line; std::getline(all, line);) {
      if (line.find("\"action\":\"" + action) != std::string::npos) ++count;
    }
    return count;
  }

  TrailDirectory there_;
  TrailDirectory here_;
  const std::string socket_ = (there_.path() / "socket").native();
  const std::string url_ = "unix:" + socket_;
  const std::string cursor_ = (here_.path() / "cursor").native();
  std::unique_ptr<Running> daemon_;
};

TEST_F(ShipDaemonTest, ADaemonGetsEachEventOnceWithoutTheCursorToo) {
  start_daemon(there_);
  record(5'000);
  const Finished first = ship();
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_NE(first.err.find("shipped 5,000 events; 0 behind"), std::string::npos) << first.err;
  record(10);
  EXPECT_NE(ship().err.find("shipped 10 events; 0 behind"), std::string::npos);
  // Other places in the requests, as after a prune.
  ASSERT_EQ(here_.run({"prune", "--older-than", "0s", "--yes"}).status, 0);
  record(3);
  std::filesystem::remove(cursor_);
  const Finished again = ship();
  EXPECT_EQ(again.status, 0) << again.err;
  stop_daemon();
  EXPECT_EQ(events("llm"), 5'013);
  EXPECT_EQ(events("audit", "pruned"), 1);
}

TEST_F(ShipDaemonTest, ADaemonOfTheSameTrailRefusesIt) {
  record(3);
  start_daemon(here_);
  const Finished refused = ship();
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.err.find("a trail cannot be shipped into itself"), std::string::npos)
      << refused.err;
  stop_daemon();
  EXPECT_FALSE(std::filesystem::exists(cursor_ + ".refused"));
}

TEST_F(ShipDaemonTest, ADaemonRaisesOnAForkWithoutTheCursorToo) {
  start_daemon(there_);
  record(3);
  const std::filesystem::path old = here_.path() / "old.db";
  std::filesystem::copy_file(here_.trail(), old);
  record(3);
  ASSERT_EQ(ship().status, 0);
  // Somebody puts the old trail back, and goes on in another way.
  std::filesystem::copy_file(old, here_.trail(), std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(here_.trail().native() + "-wal");
  std::filesystem::remove(here_.trail().native() + "-shm");
  record(4);
  std::filesystem::remove(cursor_);
  const Finished refused = ship();
  EXPECT_EQ(refused.status, 3);
  EXPECT_NE(refused.err.find("event 4 of trail "), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("the trail was forked"), std::string::npos) << refused.err;
  stop_daemon();
}

TEST_F(ShipDaemonTest, TheTokenSaysWhoShips) {
  const std::string tokens = (there_.path() / "tokens.json").native();
  const std::string token =
      there_.run({"token", "create", "--scope", "append", "--source", "here", "--tokens", tokens})
          .out;
  start_daemon(there_, {"--tokens", tokens});
  record(3);
  EXPECT_EQ(ship({"--token-file", here_.file("token", token).native()}).status, 0);
  stop_daemon();
  const std::string all = there_.run({"list", "--source", "here", "--json"}).out;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3) << all;
}

}  // namespace
}  // namespace agentaudit
