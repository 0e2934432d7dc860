// ship: what arrives, once, and what is refused.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "cli/agentaudit_process.h"
#include "core/file_descriptor.h"
#include "store/sqlite_connection.h"

namespace agentaudit {
namespace {

constexpr std::string_view three = R"({"category":"llm","summary":"one"}
{"category":"tool_call","summary":"two"}
{"category":"mcp","summary":"three"}
)";

class ShipCommandTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path(std::string_view name) const { return directory_.path() / name; }
  [[nodiscard]] std::string content(std::string_view name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }
  [[nodiscard]] static long lines(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  }
  [[nodiscard]] Finished ship(const std::string& to) const {
    return directory_.run({"ship", "--to", to, "--cursor", path("cursor")});
  }
  void change(std::string_view sql) const {
    auto connection = SqliteConnection::open(directory_.trail(), SqliteConnection::Mode::read_write,
                                             std::chrono::seconds(5));
    ASSERT_TRUE(connection->exec(sql));
  }

  TrailDirectory directory_;
};

TEST_F(ShipCommandTest, AFileGetsEachEventOnceHoweverOftenItIsShipped) {
  directory_.record(three);
  const std::string to = "jsonl:" + path("out.jsonl");
  const Finished first = ship(to);
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_NE(first.err.find("shipped 3 events; 0 behind"), std::string::npos) << first.err;
  EXPECT_NE(ship(to).err.find("shipped 0 events; 0 behind"), std::string::npos);
  directory_.record(three);
  EXPECT_NE(ship(to).err.find("shipped 3 events; 0 behind"), std::string::npos);
  const std::string out = content("out.jsonl");
  EXPECT_EQ(lines(out), 6);
  EXPECT_TRUE(out.starts_with(R"({"trail":")")) << out;
  EXPECT_NE(out.find(R"("id":6)"), std::string::npos);
}

TEST_F(ShipCommandTest, WhatACrashLeftBehindTheCursorIsWrittenAgain) {
  directory_.record(three);
  const std::string to = "jsonl:" + path("out.jsonl");
  ASSERT_EQ(ship(to).status, 0);
  const std::string before = content("out.jsonl");
  std::ofstream(path("out.jsonl"), std::ios::app) << "{\"trail\":\"half a li";
  directory_.record(three);
  ASSERT_EQ(ship(to).status, 0);
  const std::string out = content("out.jsonl");
  EXPECT_TRUE(out.starts_with(before));
  EXPECT_EQ(lines(out), 6);
  EXPECT_EQ(out.find("half"), std::string::npos);
}

TEST_F(ShipCommandTest, AFileThatWasCutIsNotWrittenTo) {
  directory_.record(three);
  const std::string to = "ocsf:" + path("out.jsonl");
  ASSERT_EQ(ship(to).status, 0);
  std::filesystem::resize_file(path("out.jsonl"), 10);
  const Finished refused = ship(to);
  EXPECT_EQ(refused.status, 3);
  EXPECT_NE(refused.err.find("is shorter than it was"), std::string::npos) << refused.err;
}

TEST_F(ShipCommandTest, AnotherTrailGetsEachEventOnceWithoutTheCursorToo) {
  directory_.record(three);
  const std::string to = path("copy.db");
  ASSERT_EQ(ship(to).status, 0);
  std::filesystem::remove(path("cursor"));
  EXPECT_EQ(ship(to).status, 0);
  const Finished listed = directory_.run({"list", "--store", to, "--json"});
  EXPECT_EQ(lines(listed.out), 3) << listed.out;
  EXPECT_EQ(directory_.run({"verify", "--store", to}).status, 0);
}

TEST_F(ShipCommandTest, AnotherTrailRaisesOnAForkWithoutTheCursorToo) {
  directory_.record(three);
  const std::string old = path("old.db");
  std::filesystem::copy_file(directory_.trail(), old);
  directory_.record(three);
  const std::string to = path("copy.db");
  ASSERT_EQ(ship(to).status, 0);
  std::filesystem::remove(path("cursor"));
  ASSERT_EQ(ship(to).status, 0);
  std::filesystem::remove(path("cursor"));
  // Somebody puts the old trail back, and goes on in another way.
  std::filesystem::copy_file(old, directory_.trail(),
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(directory_.trail().native() + "-wal");
  std::filesystem::remove(directory_.trail().native() + "-shm");
  directory_.record(three);
  const Finished refused = ship(to);
  EXPECT_EQ(refused.status, 3);
  EXPECT_NE(refused.err.find("event 4 of trail "), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("the trail was forked"), std::string::npos) << refused.err;
}

TEST_F(ShipCommandTest, StandardOutputGetsTheLinesAndNothingElse) {
  directory_.record(three);
  const Finished done = ship("jsonl:-");
  EXPECT_EQ(lines(done.out), 3) << done.out;
  EXPECT_EQ(lines(ship("jsonl:-").out), 0);
}

TEST_F(ShipCommandTest, AnEventThatSomebodyEditedIsNotShipped) {
  directory_.record(three);
  change("UPDATE events SET summary = 'x' WHERE id = 2");
  const Finished refused = ship("jsonl:" + path("out.jsonl"));
  EXPECT_EQ(refused.status, 3);
  EXPECT_NE(refused.err.find("event 2 is not what was recorded"), std::string::npos) << refused.err;
  EXPECT_EQ(content("out.jsonl"), "");
}

TEST_F(ShipCommandTest, ATrailThatWasRolledBackIsNotShipped) {
  directory_.record(three);
  std::filesystem::copy_file(directory_.trail(), path("old.db"));
  directory_.record(three);
  ASSERT_EQ(ship("jsonl:" + path("out.jsonl")).status, 0);
  std::filesystem::copy_file(path("old.db"), directory_.trail(),
                             std::filesystem::copy_options::overwrite_existing);
  for (const char* log : {"-wal", "-shm"}) {
    std::filesystem::remove(directory_.trail().native() + log);
  }
  const Finished shorter = ship("jsonl:" + path("out.jsonl"));
  EXPECT_EQ(shorter.status, 3);
  EXPECT_NE(shorter.err.find("rolled back"), std::string::npos) << shorter.err;
  // Grown again, with other events.
  directory_.record(three);
  const Finished forked = ship("jsonl:" + path("out.jsonl"));
  EXPECT_EQ(forked.status, 3);
  EXPECT_NE(forked.err.find("it was forked"), std::string::npos) << forked.err;
  EXPECT_EQ(lines(content("out.jsonl")), 6);
}

TEST_F(ShipCommandTest, WhatWasPrunedBeforeIsPassedOver) {
  directory_.record(three);
  ASSERT_EQ(directory_.run({"prune", "--before", "2100-01-01", "--yes"}).status, 0);
  EXPECT_EQ(ship("jsonl:" + path("out.jsonl")).status, 0);
  EXPECT_NE(content("out.jsonl").find("pruned 3 events"), std::string::npos);
}

TEST_F(ShipCommandTest, AFileThatAnotherProcessShipsToIsLeftToIt) {
  directory_.record(three);
  const std::string other = "half of another's batch";
  const auto out = directory_.file("out.jsonl", other);
  const FileDescriptor held(::open(out.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  const Finished refused = ship("jsonl:" + out.native());
  EXPECT_EQ(refused.status, 3);
  EXPECT_EQ(refused.err, "agentaudit: another process ships to " + out.native() + "\n");
  EXPECT_EQ(content("out.jsonl"), other);
}

TEST_F(ShipCommandTest, AFileThatCannotBeWrittenIsNamedAndTheCursorStays) {
  if (!std::filesystem::is_character_file("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
  directory_.record(three);
  Running shipping(directory_, {"ship", "--to", "jsonl:/dev/full", "--cursor", path("cursor")});
  const std::string complaint = shipping.read_error_line();
  EXPECT_NE(complaint.find("/dev/full: No space left on device"), std::string::npos) << complaint;
  shipping.signal(SIGTERM);
  EXPECT_NE(shipping.wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(path("cursor")));
}

TEST_F(ShipCommandTest, ASignedTrailGoesIntoAFileWhichHasNoPlaceForTheCheckpoint) {
  ASSERT_EQ(directory_.run({"key", "init", "--name", "own.example"}).status, 0);
  directory_.record(three);
  ASSERT_EQ(directory_.run({"checkpoint"}).status, 0);
  const Finished shipped = ship("jsonl:" + path("out.jsonl"));
  EXPECT_EQ(shipped.status, 0);
  EXPECT_EQ(shipped.err, "shipped 3 events; 0 behind\n");
  EXPECT_EQ(lines(content("out.jsonl")), 3);
}

TEST_F(ShipCommandTest, FollowingShipsWhatComesUntilItIsTold) {
  directory_.record(three);
  Running following(directory_, {"ship", "--to", "jsonl:-", "--follow", "--json"});
  for (int i = 0; i < 3; ++i) EXPECT_NE(following.read_line(), "");
  directory_.record(three);
  EXPECT_NE(following.read_line().find(R"("id":4)"), std::string::npos);
  following.signal(SIGTERM);
  EXPECT_EQ(following.wait(), 130);
}

TEST_F(ShipCommandTest, ToldToEndWhileItWaitsForItsRateItGoesOnThereNextTime) {
  directory_.record(three);
  Running slow(directory_, {"ship", "--to", "jsonl:-", "--rate", "1", "--cursor", path("cursor")});
  const std::string first = slow.read_line();
  EXPECT_NE(first.find(R"("id":1)"), std::string::npos) << first;
  slow.signal(SIGTERM);
  EXPECT_EQ(slow.wait(), 130);
  std::string all = first + '\n';
  for (std::string line; !(line = slow.read_line()).empty();) all += line + '\n';
  all += ship("jsonl:-").out;
  EXPECT_EQ(lines(all), 3) << all;
}

TEST_F(ShipCommandTest, BadInputIsOneSentence) {
  directory_.record(three);
  const auto refusal = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ship");
    const Finished done = directory_.run(arguments);
    EXPECT_NE(done.status, 0);
    return done.err;
  };
  EXPECT_NE(refusal({}).find("--to is missing"), std::string::npos);
  EXPECT_NE(refusal({"--to", "jsonl:"}).find("no file named"), std::string::npos);
  EXPECT_NE(refusal({"--to", "mysql://u:hidden@h/d"}).find("no target for mysql://"),
            std::string::npos);
  EXPECT_NE(refusal({"--to", "jsonl:-", "--rate", "-1"}).find("--rate: -1"), std::string::npos);
  EXPECT_NE(refusal({"--to", "jsonl:/nowhere/x"}).find("/nowhere/x"), std::string::npos);
  EXPECT_NE(refusal({"--to", directory_.trail().native()}).find("into itself"), std::string::npos);
  const std::string cursor = directory_.file("broken", "{\"trail\":1}").native();
  EXPECT_NE(refusal({"--to", "jsonl:-", "--cursor", cursor}).find("is no cursor"),
            std::string::npos);
  std::filesystem::create_symlink("loop", path("loop"));
  EXPECT_NE(refusal({"--to", "jsonl:-", "--cursor", path("loop")}).find("cannot read "),
            std::string::npos);
  const std::string other =
      directory_
          .file("other", R"({"trail":"00112233445566778899aabbccddeeff","last_id":1,"root":")" +
                             std::string(64, 'a') + R"(","bytes":0})")
          .native();
  EXPECT_NE(refusal({"--to", "jsonl:-", "--cursor", other}).find("is the cursor of trail"),
            std::string::npos);
}

}  // namespace
}  // namespace agentaudit
