#include "agentaudit/render/answer_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace agentaudit {
namespace {

using Json = nlohmann::json;

template <typename Answer>
Json json_of(const Answer& answer) {
  std::string text;
  append_json(text, answer);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  return Json::parse(text);
}

TEST(AnswerJson, ListResultEchoesThePage) {
  ListResult result;
  result.events.resize(2);
  result.events[0].id = 7;
  result.total = 1'234;
  result.total_exact = false;
  result.limit = 2;
  result.offset = 3;
  result.next_cursor = "n:1:2";
  const Json json = json_of(result);
  EXPECT_EQ(json["events"].size(), 2U);
  EXPECT_EQ(json["events"][0]["id"], 7);
  EXPECT_EQ(json["total"], 1'234);
  EXPECT_EQ(json["total_exact"], false);
  EXPECT_EQ(json["limit"], 2);
  EXPECT_EQ(json["offset"], 3);
  EXPECT_EQ(json["next_cursor"], "n:1:2");
}

TEST(AnswerJson, StatsCountByName) {
  Stats stats;
  stats.total = 5;
  stats.first = Timestamp::from_ns(1'000'000'000);
  stats.by_category = {{"llm", 3}, {"a \"quoted\" name", 2}};
  stats.histogram = {
      {.start = Timestamp::from_ns(1'000'000'000), .total = 5, .errors = 1, .pending = 2}};
  const Json json = json_of(stats);
  EXPECT_EQ(json["total"], 5);
  EXPECT_EQ(json["first"], "1970-01-01T00:00:01Z");
  EXPECT_TRUE(json["last"].is_null());
  EXPECT_EQ(json["by_category"]["a \"quoted\" name"], 2);
  EXPECT_TRUE(json["by_agent"].is_object());
  EXPECT_EQ(json["histogram"][0]["errors"], 1);
  EXPECT_EQ(json["histogram"][0]["pending"], 2);
}

TEST(AnswerJson, GroupsHaveDurationsOnlyWhereTheirEventsDo) {
  GroupsResult result;
  result.groups = {{.name = "ada\x1b", .events = 3, .errors = 1, .denied = 2, .pending = 4},
                   {.name = ""}};
  using std::chrono::milliseconds;
  result.groups[0].duration = {
      .p50 = milliseconds(5), .p95 = milliseconds(6), .max = milliseconds(7)};
  result.total = 9;
  result.events = 12;
  result.limit = 2;
  const Json json = json_of(result);
  const Json& ada = json["groups"][0];
  EXPECT_EQ(ada["name"], "ada\x1b");
  EXPECT_EQ(ada["events"], 3);
  EXPECT_EQ(ada["errors"], 1);
  EXPECT_EQ(ada["denied"], 2);
  EXPECT_EQ(ada["pending"], 4);
  EXPECT_EQ(ada["p50_ms"], 5);
  EXPECT_EQ(ada["p95_ms"], 6);
  EXPECT_EQ(ada["max_ms"], 7);
  EXPECT_TRUE(json["groups"][1]["p95_ms"].is_null());
  EXPECT_EQ(json["total"], 9);
  EXPECT_EQ(json["events"], 12);
  EXPECT_EQ(json["limit"], 2);
}

TEST(AnswerJson, Conversations) {
  ConversationsResult result;
  result.conversations = {{.conversation_id = "c\x1b", .events = 2, .agents = {"a", "b"}}};
  result.total = 9;
  const Json json = json_of(result);
  EXPECT_EQ(json["conversations"][0]["conversation_id"], "c\x1b");
  EXPECT_EQ(json["conversations"][0]["agents"], Json::array({"a", "b"}));
  EXPECT_EQ(json["total"], 9);
}

TEST(AnswerJson, OpenIntents) {
  OpenIntentsResult result;
  result.events.resize(1);
  result.total = 4;
  EXPECT_EQ(json_of(result)["events"].size(), 1U);
  result.by_agent = {{.name = "ada", .count = 3}, {.name = "bob", .count = 1}};
  EXPECT_EQ(json_of(result)["total"], 4);
  EXPECT_EQ(json_of(result)["by_agent"]["ada"], 3);
}

}  // namespace
}  // namespace agentaudit
