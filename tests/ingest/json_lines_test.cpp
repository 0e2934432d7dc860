#include "agentaudit/ingest/json_lines.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"

namespace agentaudit {
namespace {

// One line as text, so that runs can be compared: "number@offset category" or the error.
std::string told(const JsonLine& line) {
  return std::to_string(line.number) + "@" + std::to_string(line.offset_bytes) + " " +
         (line.event ? line.event->category : std::string(to_string(line.event.error().code)));
}

void take_all(JsonLinesReader& reader, std::vector<std::string>& lines) {
  while (const auto line = reader.next()) lines.push_back(told(*line));
}

std::vector<std::string> read_in_pieces(std::string_view text, std::size_t piece_bytes) {
  JsonLinesReader reader;
  std::vector<std::string> lines;
  while (!text.empty()) {
    reader.feed(text.substr(0, piece_bytes));
    text.remove_prefix(std::min(piece_bytes, text.size()));
    take_all(reader, lines);
  }
  reader.finish();
  take_all(reader, lines);
  return lines;
}

std::vector<std::string> read(std::string_view text) { return read_in_pieces(text, text.size()); }

using Lines = std::vector<std::string>;

TEST(JsonLines, NumbersLinesFromOneAndOffsetsFromZero) {
  EXPECT_EQ(read("{\"category\":\"a\"}\n{\"category\":\"b\"}\n"), (Lines{"1@0 a", "2@17 b"}));
}

TEST(JsonLines, NothingHasNoLines) {
  EXPECT_EQ(read(""), Lines{});
  EXPECT_EQ(read("\n"), Lines{});
}

TEST(JsonLines, ALastLineWithoutALineEndCounts) {
  EXPECT_EQ(read("{\"category\":\"a\"}\n{\"category\":\"b\"}"), (Lines{"1@0 a", "2@17 b"}));
}

TEST(JsonLines, ALineIsHeldBackUntilItsEndIsKnown) {
  JsonLinesReader reader;
  reader.feed("{\"category\":\"a\"}");
  EXPECT_FALSE(reader.next());
  reader.feed("\n");
  const auto line = reader.next();
  ASSERT_TRUE(line);
  EXPECT_EQ(told(*line), "1@0 a");
}

TEST(JsonLines, CarriageReturnsBeforeTheLineEndAreTolerated) {
  EXPECT_EQ(read("{\"category\":\"a\"}\r\n\r\n{\"category\":\"b\"}\r\n"),
            (Lines{"1@0 a", "3@20 b"}));
}

TEST(JsonLines, BlankLinesAreSkippedButCounted) {
  EXPECT_EQ(read("\n \t\n{\"category\":\"a\"}\n\n"), (Lines{"3@4 a"}));
}

TEST(JsonLines, ABadLineIsOneErrorAndTheNextIsRead) {
  EXPECT_EQ(read("{\"category\":\"a\"}\n{\"category\n[]\n{\"category\":\"b\"}\n"),
            (Lines{"1@0 a", "2@17 parse", "3@28 parse", "4@31 b"}));
}

TEST(JsonLines, AByteOrderMarkAtTheStartIsSkipped) {
  EXPECT_EQ(read("\xEF\xBB\xBF{\"category\":\"a\"}\n"), (Lines{"1@0 a"}));
}

TEST(JsonLines, ANulDoesNotEndALine) {
  EXPECT_EQ(read(std::string_view("a\0b\n{\"category\":\"a\"}\n", 21)),
            (Lines{"1@0 parse", "2@4 a"}));
}

TEST(JsonLines, WhatIsFedAfterTheEndStartsANewLine) {
  JsonLinesReader reader;
  std::vector<std::string> lines;
  reader.feed("{\"category\":\"a\"}");
  reader.finish();
  take_all(reader, lines);
  reader.feed("{\"category\":\"b\"}\n");
  take_all(reader, lines);
  EXPECT_EQ(lines, (Lines{"1@0 a", "2@16 b"}));
}

std::string event_line_of(std::size_t bytes) {
  std::string line = R"({"category":"long","detail":")";
  return line + std::string(bytes - line.size() - 2, 'x') + "\"}";
}

TEST(JsonLines, ALineOfTheLimitIsRead) {
  EXPECT_EQ(read(event_line_of(limits::line_bytes_max) + "\n{\"category\":\"b\"}\n"),
            (Lines{"1@0 long", "2@16777217 b"}));
}

TEST(JsonLines, ALongerLineIsOneErrorThatTellsItsLengthAndTheNextIsRead) {
  JsonLinesReader reader;
  const std::string piece(1U << 20U, 'x');
  for (int i = 0; i < 20; ++i) {
    reader.feed(piece);
    ASSERT_FALSE(reader.next());
  }
  reader.feed("\n{\"category\":\"b\"}\n");
  const auto line = reader.next();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->number, 1);
  EXPECT_EQ(line->event.error().code, ErrorCode::too_large);
  EXPECT_EQ(line->event.error().message,
            "a line of 20971520 bytes, more than the limit of 16777216; it was skipped");
  EXPECT_EQ(told(reader.next().value()), "2@20971521 b");
  EXPECT_FALSE(reader.next());
}

TEST(JsonLines, ALongerLineWithoutALineEndIsOneErrorToo) {
  EXPECT_EQ(read_in_pieces(event_line_of(limits::line_bytes_max + 1), 1U << 20U),
            (Lines{"1@0 too_large"}));
}

TEST(JsonLines, EveryCutInTwoGivesTheSameLines) {
  const std::string text =
      "\xEF\xBB\xBF{\"category\":\"a\",\"summary\":\"ü☃😀\"}\r\n\r\n \n{bad\n\xFF\n"
      "{\"category\":\"b\",\"detail\":{\"x\":[1,2]}}\n\r{\"category\":\"c\"}";
  const Lines whole = read(text);
  ASSERT_EQ(whole.size(), 5U);
  for (std::size_t at = 0; at <= text.size(); ++at) {
    JsonLinesReader reader;
    Lines lines;
    for (const std::string_view piece :
         {std::string_view(text).substr(0, at), std::string_view(text).substr(at)}) {
      reader.feed(piece);
      take_all(reader, lines);
    }
    reader.finish();
    take_all(reader, lines);
    ASSERT_EQ(lines, whole) << "cut at " << at;
  }
}

RC_GTEST_PROP(JsonLinesProperty, HowTheBytesAreCutMakesNoDifference, ()) {
  const auto line = rc::gen::element<std::string>("{\"category\":\"a\"}", "", " ", "\r", "{", "[1]",
                                                  "{\"category\":\"ü\"}", "\xFF", "null");
  const auto texts = *rc::gen::container<std::vector<std::string>>(line);
  std::string text;
  for (const std::string& part : texts) text += part + *rc::gen::element<std::string>("\n", "\r\n");
  text += *line;
  const auto piece_bytes = *rc::gen::inRange<std::size_t>(1, 40);
  RC_ASSERT(read_in_pieces(text, piece_bytes) == read(text));
}

RC_GTEST_PROP(JsonLinesProperty, EventsThatWereWrittenAreReadBack,
              (const std::vector<std::string>& details)) {
  std::string text;
  for (const std::string& detail : details) {
    Event event;
    event.category = "x";
    event.detail = detail;
    append_json(text, event);
    text += '\n';
  }
  JsonLinesReader reader;
  reader.feed(text);
  for (const std::string& detail : details) {
    const auto line = reader.next();
    RC_ASSERT(line.has_value());
    RC_ASSERT(line->event.has_value());
    RC_ASSERT(line->event->detail == detail);
  }
  RC_ASSERT(!reader.next().has_value());
}

}  // namespace
}  // namespace agentaudit
