// seal, migrate and repair.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "cli/agentaudit_process.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

// A chunk, and the beginning of the next.
std::string many_lines() {
  std::string lines;
  for (std::int64_t i = 0; i < sqlite_schema::chunk_events + 50; ++i) {
    lines += R"({"timestamp":"2026-11-24T08:00:00Z","category":"mcp","summary":"step )" +
             std::to_string(i) + "\"}\n";
  }
  return lines;
}

void change(const TrailDirectory& directory, const std::string& sql) {
  auto connection =
      SqliteConnection::open(directory.trail(), SqliteConnection::Mode::read_write, {});
  ASSERT_TRUE(connection) << connection.error().message;
  const auto changed = connection->exec(sql);
  ASSERT_TRUE(changed) << changed.error().message;
  ASSERT_TRUE(connection->close());
}

std::int64_t version_of(const TrailDirectory& directory) {
  auto connection =
      SqliteConnection::open(directory.trail(), SqliteConnection::Mode::read_only, {});
  return connection->integer("PRAGMA user_version").value_or(0);
}

TEST(Upkeep, SealMakesTheColumnsOfCompleteChunks) {
  const TrailDirectory directory;
  directory.record(many_lines());
  // As hooks leave it.
  change(directory, "DELETE FROM columns; DELETE FROM grams; UPDATE chunks SET bounds = NULL");
  const Finished sealed = directory.run({"seal", "--fast"});
  EXPECT_EQ(sealed.status, 0) << sealed.err;
  EXPECT_EQ(sealed.out, "sealed 1 chunk\n");
  EXPECT_EQ(directory.run({"seal", "--json"}).out, "{\"sealed\":0}\n");
  EXPECT_EQ(directory.run({"doctor"}).status, 0);
}

TEST(Upkeep, RepairMakesDamagedColumnsAnew) {
  const TrailDirectory directory;
  directory.record(many_lines());
  EXPECT_EQ(directory.run({"repair", "--fast"}).out, "repaired 0 chunks\n");
  change(directory,
         "UPDATE columns SET data = x'00' WHERE rowid = (SELECT min(rowid) FROM columns)");
  EXPECT_EQ(directory.run({"doctor"}).status, 1);
  const Finished repaired = directory.run({"repair", "--fast", "--json"});
  EXPECT_EQ(repaired.status, 0) << repaired.err;
  EXPECT_EQ(repaired.out, "{\"repaired\":1}\n");
  EXPECT_EQ(directory.run({"doctor"}).status, 0);
}

TEST(Upkeep, MigrateBringsAnOldTrailUpToDate) {
  const TrailDirectory directory;
  const std::filesystem::path old_trail =
      std::filesystem::path(AGENTAUDIT_SOURCE_DIR) / "tests" / "golden" / "store" / "v1.db";
  std::filesystem::create_directories(directory.trail().parent_path());
  std::filesystem::copy_file(old_trail, directory.trail());
  EXPECT_EQ(version_of(directory), 1);
  const std::string before = directory.run({"list", "--json"}).out;
  EXPECT_NE(before, "");
  const Finished migrated = directory.run({"migrate"});
  EXPECT_EQ(migrated.status, 0) << migrated.err;
  EXPECT_EQ(migrated.out, "sealed 0 chunks\n");
  EXPECT_EQ(version_of(directory), sqlite_schema::version);
  EXPECT_EQ(directory.run({"list", "--json"}).out, before);
  // It holds an intent that never ended, and always did.
  const Finished verified = directory.run({"verify"});
  EXPECT_EQ(verified.status, 1);
  EXPECT_NE(verified.out.find("Nothing is changed"), std::string::npos) << verified.out;
}

TEST(Upkeep, WithoutATrailNothingIsMade) {
  const TrailDirectory directory;
  for (const char* const command : {"seal", "migrate", "repair"}) {
    const Finished finished = directory.run({command});
    EXPECT_EQ(finished.status, 3) << command;
    EXPECT_NE(finished.err.find(directory.trail().native()), std::string::npos) << finished.err;
    EXPECT_FALSE(std::filesystem::exists(directory.trail()));
  }
}

}  // namespace
}  // namespace agentaudit
