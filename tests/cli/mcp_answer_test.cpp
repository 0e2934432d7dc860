#include "cli/mcp_answer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace agentaudit {
namespace {

std::string framed(std::string_view data, std::string_view words = "") {
  auto text = frame_untrusted(data, words);
  EXPECT_TRUE(text);
  return text ? std::move(*text) : std::string();
}

// Two lines, of which the first just has room.
const std::string first_line = std::string(McpAnswer::text_bytes_max - 1, 'a') + '\n';

TEST(McpAnswer, DataStandsBetweenTwoLinesWithATextThatNobodyKnew) {
  const std::string text = framed("one\ntwo\n", "More words.\n");
  const std::size_t open = text.find("<<<");
  ASSERT_NE(open, std::string::npos) << text;
  const std::string boundary = text.substr(open + 3, text.find('\n', open) - open - 3);
  EXPECT_EQ(boundary.size(), 32U);
  EXPECT_TRUE(text.ends_with("<<<" + boundary + "\none\ntwo\n>>>" + boundary + "\nMore words.\n"));
  EXPECT_EQ(framed("one\n").find(boundary), std::string::npos);
}

TEST(McpAnswer, ALastLineWithoutAnEndGetsOne) {
  EXPECT_NE(framed("one").find("\none\n>>>"), std::string::npos);
  EXPECT_EQ(framed("one").find("left out"), std::string::npos);
}

TEST(McpAnswer, LinesBeyondTheLimitAreCounted) {
  const std::string text = framed(first_line + "b\nc\n", "Words.\n");
  EXPECT_TRUE(text.ends_with("\n2 more lines are left out here: ask for less.\nWords.\n"));
  EXPECT_EQ(text.find("b\nc\n"), std::string::npos);
}

TEST(McpAnswer, ALeftOutLastLineWithoutAnEndIsCountedToo) {
  EXPECT_TRUE(
      framed(first_line + "b").ends_with("\n1 more line is left out here: ask for less.\n"));
  EXPECT_TRUE(
      framed(first_line + "b\nc").ends_with("\n2 more lines are left out here: ask for less.\n"));
}

TEST(McpAnswer, ALineLongerThanTheLimitIsCutAtACharacter) {
  const std::string text = framed(std::string(McpAnswer::text_bytes_max - 1, 'a') + "é");
  EXPECT_NE(text.find("aaa\n>>>"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n1 more line is left out here: ask for less.\n"));
}

TEST(McpAnswer, AShortTextIsCutAtACharacterAndIsUtf8) {
  EXPECT_EQ(short_text("aé", 2), "a");
  EXPECT_EQ(short_text("aé", 3), "aé");
  EXPECT_EQ(short_text("a\xff\xfez", 10), "a\ufffd\ufffdz");
  EXPECT_EQ(short_text("", 10), "");
}

TEST(McpAnswer, AShortEventSaysHowLongItsTextsWere) {
  Event event;
  event.category = "llm";
  event.summary = std::string(McpAnswer::string_bytes_max + 1, 's');
  event.detail = std::string(McpAnswer::detail_bytes_max + 2, 'd');
  const auto json = nlohmann::json::parse(short_json(event));
  EXPECT_EQ(json["summary"].get<std::string>().size(), McpAnswer::string_bytes_max);
  EXPECT_EQ(json["detail"].get<std::string>().size(), McpAnswer::detail_bytes_max);
  EXPECT_EQ(json["cut"], nlohmann::json({{"summary", McpAnswer::string_bytes_max + 1},
                                         {"detail", McpAnswer::detail_bytes_max + 2}}));
}

TEST(McpAnswer, AnEventThatIsShortHasNothingCut) {
  Event event;
  event.category = "llm";
  event.detail = std::string(McpAnswer::detail_bytes_max, 'd');
  EXPECT_FALSE(nlohmann::json::parse(short_json(event)).contains("cut"));
  EXPECT_EQ(shortened(event).detail, event.detail);
}

}  // namespace
}  // namespace agentaudit
