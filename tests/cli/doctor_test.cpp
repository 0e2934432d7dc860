// doctor: what it finds of a trail in a file, and what it says to do.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/agentaudit_process.h"
#include "cli/examination.h"
#include "store/sqlite_connection.h"

namespace agentaudit {
namespace {

using Json = nlohmann::json;

constexpr std::string_view sample = "{\"category\":\"llm\"}\n";

void change(const TrailDirectory& directory, std::string_view sql) {
  auto connection =
      SqliteConnection::open(directory.trail(), SqliteConnection::Mode::read_write, {});
  ASSERT_TRUE(connection && connection->exec(sql)) << sql;
}

// The findings of a process that is nobody's, on standard error.
[[noreturn]] void examine_as_nobody(const std::filesystem::path& trail) {
  constexpr uid_t nobody = 65'534;
  if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) std::exit(1);
  for (const Finding& finding : examine(trail, {})) {
    if (finding.is_wrong) std::cerr << finding.name << ": " << finding.advice << '\n';
  }
  std::exit(0);
}

TEST(Doctor, AHealthyTrailIsInOrder) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished examined = directory.run({"doctor"});
  EXPECT_EQ(examined.status, 0) << examined.out;
  EXPECT_NE(examined.out.find("The trail is in order."), std::string::npos);
  EXPECT_EQ(Json::parse(directory.run({"doctor", "--json"}).out)["healthy"], true);
}

TEST(Doctor, SaysWhatIsWrongAndWhatToDo) {
  const TrailDirectory directory;
  directory.record(sample);
  ASSERT_EQ(::chmod(directory.trail().c_str(), 0644), 0);
  const Finished examined = directory.run({"doctor"});
  EXPECT_EQ(examined.status, 1);
  EXPECT_NE(examined.out.find("chmod 600"), std::string::npos) << examined.out;
}

TEST(Doctor, ATrailOfSomebodyElseIsNotInOrder) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  const TrailDirectory directory;
  directory.record(sample);
  ASSERT_EQ(::chown(directory.trail().c_str(), 4'711, static_cast<gid_t>(-1)), 0);
  const Finished examined = directory.run({"doctor"});
  EXPECT_EQ(examined.status, 1);
  EXPECT_NE(examined.out.find("It belongs to user 4711, not to you (0). Record as its owner"),
            std::string::npos)
      << examined.out;
}

// Nobody may write into /proc, and there is no room in it.
TEST(Doctor, ADirectoryThatCannotBeWrittenAndAFullDiskAreSaid) {
  EXPECT_EXIT(examine_as_nobody("/proc/audit.db"), testing::ExitedWithCode(0),
              "directory: You may not write to it; the log beside the trail needs that.\n"
              "disk: Make room, or agentaudit prune --older-than 90d.\n");
}

TEST(Doctor, AnotherJournalModeIsSaidAndTheNextRecordSetsItBack) {
  const TrailDirectory directory;
  directory.record(sample);
  change(directory, "PRAGMA journal_mode=DELETE");
  const Finished examined = directory.run({"doctor"});
  EXPECT_EQ(examined.status, 1);
  EXPECT_NE(examined.out.find("The journal mode should be wal"), std::string::npos) << examined.out;
  directory.record(sample);
  EXPECT_EQ(directory.run({"doctor"}).status, 0);
}

TEST(Doctor, ATrailThatLacksWhatItShouldHoldIsNotInOrder) {
  const TrailDirectory directory;
  directory.record(sample);
  change(directory, "DROP TABLE chunks");
  const Json examined = Json::parse(directory.run({"doctor", "--json"}).out);
  EXPECT_EQ(examined["healthy"], false);
  const auto& findings = examined["findings"];
  const auto trail = std::find_if(findings.begin(), findings.end(),
                                  [](const Json& finding) { return finding["name"] == "trail"; });
  ASSERT_NE(trail, findings.end()) << examined;
  EXPECT_NE((*trail)["value"].get<std::string>().find("no such table: chunks"), std::string::npos)
      << examined;
}

TEST(Doctor, AMissingTrailIsNotInOrder) {
  const TrailDirectory directory;
  EXPECT_EQ(directory.run({"doctor"}).status, 1);
}

}  // namespace
}  // namespace agentaudit
