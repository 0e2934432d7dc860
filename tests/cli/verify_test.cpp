// verify: its verdicts, what it prints, and its exit status.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "cli/agentaudit_process.h"
#include "store/sqlite_connection.h"

namespace agentaudit {
namespace {

using Json = nlohmann::json;

constexpr std::string_view sample = R"({"category":"llm","summary":"one"}
{"category":"tool_call","summary":"two"}
{"category":"mcp","summary":"three"}
)";

void change(const TrailDirectory& directory, std::string_view sql) {
  auto connection = SqliteConnection::open(directory.trail(), SqliteConnection::Mode::read_write,
                                           std::chrono::seconds(5));
  ASSERT_TRUE(connection->exec(sql));
}

TEST(Verify, AnIntactTrailEndsWithZero) {
  const TrailDirectory directory;
  directory.record(sample);
  const Finished done = directory.run({"verify"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("intact  ")) << done.out;
  EXPECT_NE(done.out.find("events    3 compared with their leaves"), std::string::npos) << done.out;
  const Json json = Json::parse(directory.run({"verify", "--json"}).out);
  EXPECT_EQ(json["verdict"], "intact");
  EXPECT_EQ(json["level"], "unsigned");
  EXPECT_EQ(json["leaves"], 3);
  EXPECT_EQ(json["integrity"], (Json{{"total", 0}, {"findings", Json::array()}}));
}

TEST(Verify, ATrailThatSomebodyEditedEndsWithTwoAndNamesTheEvent) {
  const TrailDirectory directory;
  directory.record(sample);
  change(directory, "UPDATE events SET summary = 'x' WHERE id = 2");
  const Finished done = directory.run({"verify", "--json"});
  EXPECT_EQ(done.status, 2);
  const Json json = Json::parse(done.out);
  EXPECT_EQ(json["verdict"], "tampered");
  EXPECT_EQ(json["integrity"]["findings"][0],
            (Json{{"id", 2}, {"what", "event 2 is not what was recorded"}}));
  EXPECT_NE(directory.run({"verify"}).out.find("event 2 is not what was recorded"),
            std::string::npos);
  EXPECT_EQ(directory.run({"verify", "--to", "1", "--from", "1"}).status, 2);
}

TEST(Verify, AnIntentThatNeverEndedEndsWithOne) {
  const TrailDirectory directory;
  directory.record(
      R"({"timestamp":"2026-01-01T00:00:00Z","category":"tool_call","status":"pending","span_id":"b7ad6b7169203331"})"
      "\n");
  EXPECT_EQ(directory.run({"verify"}).status, 1);
  EXPECT_EQ(directory.run({"verify", "--pending-max", "500000w"}).status, 64);
  EXPECT_EQ(directory.run({"verify", "--pending-max", "5000w"}).status, 0);
}

TEST(Verify, WhatIsNoTrailEndsWithFour) {
  const TrailDirectory directory;
  EXPECT_EQ(directory.run({"verify"}).status, 4);
  const auto file = directory.file("words", "not a database, only some words that fill a page");
  EXPECT_EQ(directory.run({"verify", "--store", file}).status, 4);
}

TEST(Verify, AWrongCommandLineIsNoVerdict) {
  const TrailDirectory directory;
  directory.record(sample);
  EXPECT_EQ(directory.run({"verify", "--frm", "1"}).status, 64);
  EXPECT_EQ(directory.run({"verify", "--from", "3", "--to", "2"}).status, 64);
  EXPECT_EQ(directory.run({"verify", "--from", "0"}).status, 64);
}

}  // namespace
}  // namespace agentaudit
