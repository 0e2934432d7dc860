// schema.
#include <gtest/gtest.h>

#include <string>

#include "cli/agentaudit_process.h"

namespace agentaudit {
namespace {

TEST(Schema, PrintsTheTablesOfOneNode) {
  const TrailDirectory directory;
  const Finished done = directory.run({"schema", "clickhouse", "--database", "audit"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("CREATE TABLE IF NOT EXISTS audit.events ("), std::string::npos);
  EXPECT_NE(done.out.find("ENGINE = ReplacingMergeTree()"), std::string::npos);
  EXPECT_EQ(done.out.find("Distributed"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(directory.trail()));
}

TEST(Schema, PrintsTheTablesOfACluster) {
  const TrailDirectory directory;
  const Finished done = directory.run({"schema", "clickhouse", "--cluster", "fleet"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("agentaudit.events_local ON CLUSTER fleet"), std::string::npos);
  EXPECT_NE(done.out.find("Distributed(fleet, agentaudit, events_local, cityHash64(trail))"),
            std::string::npos);
}

TEST(Schema, PrintsTheTablesAndRolesOfPostgres) {
  const TrailDirectory directory;
  const Finished done = directory.run({"schema", "postgres", "--schema", "audit"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("BEGIN;\nCREATE SCHEMA IF NOT EXISTS audit;\n"));
  EXPECT_TRUE(done.out.ends_with("COMMIT;\n"));
  EXPECT_NE(done.out.find("CREATE ROLE agentaudit_pruner"), std::string::npos);
  EXPECT_NE(directory.run({"schema", "postgres", "--schema", "A;"}).status, 0);
  EXPECT_NE(directory.run({"schema", "postgres", "--cluster", "c"}).status, 0);
  EXPECT_NE(directory.run({"schema", "clickhouse", "--schema", "s"}).status, 0);
}

TEST(Schema, NamesWhatIsNoNameOrKind) {
  const TrailDirectory directory;
  const Finished name = directory.run({"schema", "clickhouse", "--database", "a;b"});
  EXPECT_NE(name.status, 0);
  EXPECT_NE(name.err.find("\"a;b\" is no name"), std::string::npos) << name.err;
  EXPECT_TRUE(name.out.empty());
  const Finished kind = directory.run({"schema", "oracle"});
  EXPECT_EQ(kind.status, 2);
  EXPECT_NE(kind.err.find("\"oracle\""), std::string::npos) << kind.err;
  EXPECT_EQ(directory.run({"schema"}).status, 2);
}

}  // namespace
}  // namespace agentaudit
