// What the commands say of a trail that they cannot use.
#include "cli/trouble.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/agentaudit_process.h"
#include "cli/command_help.h"
#include "store/sqlite_connection.h"

namespace agentaudit {
namespace {

constexpr std::string_view line = "{\"category\":\"llm\"}\n";

// One sentence on one line, which names the trail.
void expect_one_sentence(const Finished& finished, const TrailDirectory& directory) {
  EXPECT_EQ(finished.status, 3);
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find("audit.db"), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find(directory.path().native()), std::string::npos) << finished.err;
}

const std::vector<std::vector<std::string>> readers = {{"list"},
                                                       {"search", "x"},
                                                       {"show", "1"},
                                                       {"tail"},
                                                       {"top"},
                                                       {"stats"},
                                                       {"stats", "--by", "agent"},
                                                       {"histogram"},
                                                       {"conversations"},
                                                       {"trace", "x"},
                                                       {"pending"},
                                                       {"export"}};

TEST(Trouble, AMissingTrailSaysWhereAndHowToBegin) {
  const TrailDirectory directory;
  for (const auto& reader : readers) {
    const Finished finished = directory.run(reader);
    expect_one_sentence(finished, directory);
    EXPECT_NE(finished.err.find("| agentaudit record"), std::string::npos) << reader[0];
  }
  EXPECT_FALSE(std::filesystem::exists(directory.trail()));
}

TEST(Trouble, AForeignFileIsNotTouched) {
  const TrailDirectory directory;
  directory.file("trail/audit.db", "a letter");
  for (const auto& reader : readers) expect_one_sentence(directory.run(reader), directory);
  expect_one_sentence(directory.run({"record"}, line), directory);
  EXPECT_EQ(std::filesystem::file_size(directory.trail()), 8U);
}

TEST(Trouble, ANewerVersionIsNotTouched) {
  const TrailDirectory directory;
  directory.record(line);
  {
    auto trail = SqliteConnection::open(directory.trail(), SqliteConnection::Mode::read_write, {});
    ASSERT_TRUE(trail && trail->exec("PRAGMA user_version=99"));
  }
  for (const auto& arguments : {std::vector<std::string>{"list"}, {"record"}}) {
    const Finished finished = directory.run(arguments, line);
    expect_one_sentence(finished, directory);
    EXPECT_NE(finished.err.find("newer"), std::string::npos) << finished.err;
  }
}

TEST(Trouble, ADirectoryThatCannotBeMadeIsSaid) {
  const TrailDirectory directory;
  directory.file("plain", "");
  const std::string inside = (directory.path() / "plain" / "audit.db").native();
  expect_one_sentence(directory.run({"record", "--store", inside}, line), directory);
}

TEST(Trouble, ALockedTrailIsSaidAndReadersGoOn) {
  const TrailDirectory directory;
  directory.record(line);
  const int lock = ::open((directory.trail().native() + ".lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  const Finished finished = directory.run({"record", "--retry-for", "0s"}, line);
  EXPECT_EQ(finished.status, 3);
  EXPECT_NE(finished.err.find("audit.db"), std::string::npos) << finished.err;
  EXPECT_EQ(directory.run({"list"}).status, 0);
  ::close(lock);
}

TEST(Trouble, OtherStoresAreRefused) {
  const TrailDirectory directory;
  for (const std::string store : {":memory:", "mysql://host/db"}) {
    const Finished finished = directory.run({"list", "--store", store});
    EXPECT_EQ(finished.status, 3);
    EXPECT_NE(finished.err.find(store.substr(0, store.find("//"))), std::string::npos)
        << finished.err;
  }
}

TEST(Trouble, HelpOfAnUnknownWordNamesTheNearestOrWhereTheyAreListed) {
  const TrailDirectory directory;
  const Finished near = directory.run({"help", "lits"});
  EXPECT_EQ(near.status, 2);
  EXPECT_NE(near.err.find("did you mean \"list\"?"), std::string::npos) << near.err;
  const Finished far = directory.run({"help", "zzzzzz"});
  EXPECT_EQ(far.status, 2);
  EXPECT_NE(far.err.find("agentaudit help lists them"), std::string::npos) << far.err;
}

TEST(Trouble, HelpWithoutAWordIsThatOfAllCommands) {
  const TrailDirectory directory;
  const Finished help = directory.run({"help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.out, help_of_all());
  EXPECT_EQ(directory.run({}).out, help.out);
}

TEST(Trouble, WithoutAHomeItSaysWhatToGiveInItsPlace) {
  const TrailDirectory directory;
  struct Case {
    std::string command;
    std::string complaint;
  };
  for (const auto& [command, complaint] :
       {Case{"unset AGENTAUDIT_STORE; \"$AGENTAUDIT\" list",
             "neither HOME nor XDG_DATA_HOME is set; name the trail with --store PATH"},
        Case{"\"$AGENTAUDIT\" key show",
             "neither HOME nor XDG_CONFIG_HOME is set; name the key with --key PATH"},
        Case{"\"$AGENTAUDIT\" token list",
             "neither HOME nor XDG_CONFIG_HOME is set; name the file with --tokens FILE"},
        Case{"\"$AGENTAUDIT\" hook install codex --yes",
             "HOME is not set; it is where the settings are"}}) {
    const Finished finished = directory.run_script("unset HOME; " + command);
    EXPECT_EQ(finished.status, 2) << command;
    EXPECT_EQ(finished.err, "agentaudit: " + complaint + "\n");
  }
}

TEST(Trouble, WhoInterruptsIsToldByTheExitStatus) {
  EXPECT_EQ(exit_status_of(ErrorCode::cancelled), ExitStatus::interrupted);
  EXPECT_EQ(exit_status_of(ErrorCode::invalid_argument), ExitStatus::usage);
  EXPECT_EQ(exit_status_of(ErrorCode::io), ExitStatus::unusable);
}

TEST(Trouble, AnUnknownCommandNamesTheNearest) {
  const TrailDirectory directory;
  const Finished finished = directory.run({"lits"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("did you mean \"list\"?"), std::string::npos) << finished.err;
}

}  // namespace
}  // namespace agentaudit
