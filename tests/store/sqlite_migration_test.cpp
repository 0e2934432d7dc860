// Versions of the schema, with migrations made up for the purpose.

#include "store/forked_child.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::Migration;
using sqlite_schema::version;

constexpr Migration good[] = {
    {.to_version = version, .sql = "this one is behind us"},
    {.to_version = version + 1,
     .sql = "CREATE TABLE extra(x); INSERT INTO extra SELECT id FROM events"},
    {.to_version = version + 2, .sql = "ALTER TABLE extra ADD COLUMN y"}};
constexpr Migration bad[] = {
    {.to_version = version + 1, .sql = "CREATE TABLE extra(x)"},
    {.to_version = version + 2, .sql = "CREATE TABLE half(x); INSERT INTO nowhere VALUES (1)"}};

class SqliteMigrationTest : public SqliteTrail {
 protected:
  void SetUp() override { append(*open(), 5); }
};

TEST_F(SqliteMigrationTest, TheStepsAfterTheVersionAreTakenAndTheEventsKept) {
  SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
  ASSERT_TRUE(sqlite_schema::migrate(connection, good));
  EXPECT_EQ(connection.integer("PRAGMA user_version"), version + 2);
  EXPECT_EQ(connection.integer("SELECT count(*) FROM extra WHERE y IS NULL"), 5);
  EXPECT_EQ(connection.integer("SELECT count(*) FROM audit_events"), 5);
  ASSERT_TRUE(sqlite_schema::migrate(connection, good)) << "and again there is nothing to do";
  EXPECT_EQ(connection.integer("PRAGMA user_version"), version + 2);
}

TEST_F(SqliteMigrationTest, AStepThatFailsLeavesTheVersionBeforeIt) {
  SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
  EXPECT_FALSE(sqlite_schema::migrate(connection, bad));
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_EQ(connection.integer("PRAGMA user_version"), version + 1);
  EXPECT_EQ(connection.integer("SELECT count(*) FROM sqlite_master WHERE name = 'extra'"), 1);
  EXPECT_EQ(connection.integer("SELECT count(*) FROM sqlite_master WHERE name = 'half'"), 0);
}

TEST_F(SqliteMigrationTest, TwoProcessesAtOnceTakeEveryStepOnce) {
  std::vector<ForkedChild> children;
  for (int i = 0; i < 4; ++i) {
    children.emplace_back([&] {
      SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
      return sqlite_schema::migrate(connection, good) ? 0 : 1;
    });
  }
  for (ForkedChild& child : children) EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(raw().integer("SELECT count(*) FROM extra"), 5);
  EXPECT_EQ(raw().integer("PRAGMA user_version"), version + 2);
}

TEST_F(SqliteMigrationTest, TheProgramsOwnStepsEndAtItsVersion) {
  int before = 0;
  for (const Migration& migration : sqlite_schema::migrations()) {
    EXPECT_EQ(migration.to_version, before + 1);
    before = migration.to_version;
  }
  EXPECT_EQ(before, sqlite_schema::version);
}

TEST_F(SqliteMigrationTest, TheFirstBytesTellTheVersion) {
  SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
  const std::string header = connection.header().value();
  EXPECT_TRUE(sqlite_schema::check_header(header, "x"));
  std::string newer = header;
  newer[63] = static_cast<char>(sqlite_schema::version + 1);
  EXPECT_EQ(error_code(sqlite_schema::check_header(newer, "x")), ErrorCode::newer_version);
  std::string foreign = header;
  foreign[68] = 0;
  EXPECT_EQ(error_code(sqlite_schema::check_header(foreign, "x")), ErrorCode::not_a_trail);
  EXPECT_EQ(error_code(sqlite_schema::check_header("", "x")), ErrorCode::not_a_trail);
}

}  // namespace
}  // namespace agentaudit
