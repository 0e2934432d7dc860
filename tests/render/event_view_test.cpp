#include "render/event_view.h"

#include <gtest/gtest.h>

#include <string>

#include "render/indented_json.h"

namespace agentaudit {
namespace {

TEST(EventView, ShowsEveryFieldThatIsSet) {
  Event event;
  event.id = 17;
  event.timestamp = Timestamp::from_ns(1'000'000'001);
  event.category = "llm";
  event.principal = "kim";
  event.duration = std::chrono::milliseconds(90'000);
  const std::string view = event_view(event, {});
  EXPECT_NE(view.find("id               17\n"), std::string::npos) << view;
  EXPECT_NE(view.find("timestamp        1970-01-01T00:00:01.000000001Z\n"), std::string::npos);
  EXPECT_NE(view.find("principal        kim\n"), std::string::npos);
  EXPECT_NE(view.find("duration         90000 ms (1 m 30 s)\n"), std::string::npos);
  EXPECT_EQ(view.find("target"), std::string::npos);
}

TEST(EventView, DetailThatIsJsonIsIndented) {
  Event event;
  event.detail = R"({"a":{"b":[1,2]},"c":"x"})";
  EXPECT_NE(event_view(event, {}).find("detail\n"
                                       "  {\n"
                                       "    \"a\": {\n"
                                       "      \"b\": [1, 2]\n"
                                       "    },\n"
                                       "    \"c\": \"x\"\n"
                                       "  }\n"),
            std::string::npos)
      << event_view(event, {});
}

TEST(EventView, DetailThatIsTextIsShownLineByLine) {
  Event event;
  event.detail = "one\ntwo\x1b";
  EXPECT_NE(event_view(event, {}).find("detail\n  one\n  two\\x1b\n"), std::string::npos);
}

TEST(EventView, HostileTextIsShownEscaped) {
  Event event;
  event.agent = "a\x1b[31m";
  event.detail = "{\"k\x1b\":\"\u202e\xff\"}";
  const std::string view = event_view(event, {});
  EXPECT_EQ(view.find('\x1b'), std::string::npos);
  EXPECT_EQ(view.find("\u202e"), std::string::npos);
  EXPECT_EQ(view.find('\xff'), std::string::npos);
}

TEST(IndentedJson, KeepsNumbersAsTheyWereWritten) {
  std::string out;
  ASSERT_TRUE(append_indented_json(out, R"({"n":12345678901234567890.10,"e":{},"l":[]})", ""));
  EXPECT_EQ(out, "{\n  \"n\": 12345678901234567890.10,\n  \"e\": {},\n  \"l\": []\n}\n");
}

TEST(IndentedJson, WhatIsNoObjectOrArrayIsLeftAlone) {
  std::string out = "before";
  EXPECT_FALSE(append_indented_json(out, "\"text\"", ""));
  EXPECT_FALSE(append_indented_json(out, "{broken", ""));
  EXPECT_EQ(out, "before");
}

TEST(IndentedJson, DeepNestingDoesNotBlowUp) {
  std::string json(500, '[');
  json += "0,[]";
  for (int i = 0; i < 100'000; ++i) json += ",0";
  json += std::string(500, ']');
  std::string out;
  ASSERT_TRUE(append_indented_json(out, json, ""));
  EXPECT_LT(out.size(), 100U * json.size());
}

}  // namespace
}  // namespace agentaudit
