#include "agentaudit/render/csv.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/limits.h"
#include "core/event_fields.h"

namespace agentaudit {
namespace {

struct Read {
  std::vector<Event> events;
  std::vector<std::pair<std::int64_t, Error>> refused;
  Result<void> result;
};

// Reads the text in pieces of that many bytes.
Read read_csv(std::string_view text, std::size_t piece_bytes = 1'000'000) {
  Read read;
  CsvReader reader;
  const auto on_event = [&](std::int64_t line, Result<Event> event) {
    if (event) {
      read.events.push_back(std::move(*event));
    } else {
      read.refused.emplace_back(line, std::move(event.error()));
    }
  };
  for (; !text.empty() && read.result; text.remove_prefix(std::min(piece_bytes, text.size()))) {
    read.result = reader.read(text.substr(0, piece_bytes), on_event);
  }
  if (read.result) read.result = reader.finish(on_event);
  return read;
}

std::string csv_of(const std::vector<Event>& events) {
  std::string text;
  append_csv_header(text);
  for (const Event& event : events) append_csv(text, event);
  return text;
}

Event event_with_summary(std::string summary) {
  Event event;
  event.category = "llm";
  event.summary = std::move(summary);
  return event;
}

std::string random_bytes(std::mt19937& random) {
  // Mostly the bytes that mean something to CSV or to a spreadsheet.
  constexpr std::string_view special = "\"\"'',,\r\n\t=+-@ \\a\xff";
  std::string text(random() % 12, '\0');
  for (char& byte : text) {
    byte = random() % 4 == 0 ? static_cast<char>(random()) : special[random() % special.size()];
  }
  return text;
}

TEST(Csv, HeaderNamesTheFieldsOfTheJson) {
  std::string header;
  append_csv_header(header);
  EXPECT_EQ(header,
            "id,timestamp,category,action,agent,summary,detail,status,duration_ms,source,"
            "conversation_id,target,principal,trace_id,span_id,parent_span_id\r\n");
}

TEST(Csv, QuotesWhatRfc4180WantsQuoted) {
  std::string row;
  append_csv(row, event_with_summary("a \"b\", c\nd"));
  EXPECT_NE(row.find(",\"a \"\"b\"\", c\nd\","), std::string::npos) << row;
}

TEST(Csv, TextThatASpreadsheetWouldRunIsMarked) {
  for (const std::string start : {"=", "+", "-", "@", "\t", "\r", "'"}) {
    std::string row;
    append_csv(row, event_with_summary(start + "cmd"));
    EXPECT_NE(row.find("'" + start + "cmd"), std::string::npos) << row;
  }
}

TEST(Csv, NumbersAreNotMarked) {
  Event event = event_with_summary("");
  event.duration = std::chrono::milliseconds(-5);
  std::string row;
  append_csv(row, event);
  EXPECT_NE(row.find(",-5,"), std::string::npos) << row;
}

TEST(Csv, AnyBytesComeBackExactlyHoweverTheyAreCut) {
  std::mt19937 random(20261124);
  for (int round = 0; round < 400; ++round) {
    std::vector<Event> events(1 + random() % 4);
    for (Event& event : events) {
      for (const StringField& field : string_fields) event.*field.owned = random_bytes(random);
      if (event.category.empty() || event.category == "'") event.category = "c";
      event.id = static_cast<EventId>(random());
      event.timestamp = Timestamp::from_ns(static_cast<std::int64_t>(random()) * 1'234'567);
      event.duration = std::chrono::milliseconds(static_cast<std::int64_t>(random()) - 1'000);
    }
    const std::string text = csv_of(events);
    const Read read = read_csv(text, 1 + random() % 7);
    ASSERT_TRUE(read.result) << read.result.error().message;
    ASSERT_TRUE(read.refused.empty()) << read.refused.front().second.message;
    ASSERT_EQ(read.events, events) << text;
  }
}

TEST(CsvReader, TakesColumnsInAnyOrderAndLineFeedsAlone) {
  const Read read = read_csv("\xef\xbb\xbfsummary,category\nhello,llm\n\nbye,mcp");
  ASSERT_TRUE(read.result);
  ASSERT_EQ(read.events.size(), 2U);
  EXPECT_EQ(read.events[0].summary, "hello");
  EXPECT_EQ(read.events[1].category, "mcp");
}

TEST(CsvReader, ABadRecordIsNamedByItsLineAndTheRestIsRead) {
  const Read read = read_csv(
      "category,timestamp,summary\n"
      "llm,2026-11-24T08:00:00Z,\"two\nlines\"\n"
      "llm,yesterday,x\n"
      "llm\n"
      "llm,,\"a\"b\n"
      "llm,,good\n");
  ASSERT_TRUE(read.result);
  ASSERT_EQ(read.refused.size(), 3U);
  EXPECT_EQ(read.refused[0].first, 4);
  EXPECT_EQ(read.refused[0].second.code, ErrorCode::parse);
  EXPECT_NE(read.refused[0].second.message.find("\"timestamp\""), std::string::npos);
  EXPECT_EQ(read.refused[1].first, 5);
  EXPECT_EQ(read.refused[2].first, 6);
  ASSERT_EQ(read.events.size(), 2U);
  EXPECT_EQ(read.events[1].summary, "good");
}

TEST(CsvReader, AnOpenQuoteAtTheEndIsRefused) {
  const Read read = read_csv("category\n\"llm\n");
  ASSERT_TRUE(read.result);
  ASSERT_EQ(read.refused.size(), 1U);
  EXPECT_EQ(read.refused[0].second.code, ErrorCode::parse);
}

TEST(CsvReader, AnUnknownColumnIsAnError) {
  const Read read = read_csv("category,colour\nllm,red\n");
  ASSERT_FALSE(read.result);
  EXPECT_EQ(read.result.error().code, ErrorCode::parse);
  EXPECT_NE(read.result.error().message.find("\"colour\""), std::string::npos);
}

TEST(CsvReader, SaysWhatIsWrongWithAHeader) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"summary,status\nx,ok\n", "line 1: there is no column \"category\""},
           {"category,summary,category\n", "line 1: column \"category\" appears twice"},
           {"\"category\"x,summary\nllm,s\n", "line 1: text after the closing quote of a cell"},
           {"\"category,summary\nllm,s\n", "line 1: the quote of a cell is never closed"}}) {
    const Read read = read_csv(text);
    ASSERT_FALSE(read.result) << text;
    EXPECT_EQ(read.result.error().code, ErrorCode::parse);
    EXPECT_EQ(read.result.error().message, message);
    EXPECT_TRUE(read.events.empty()) << text;
  }
}

TEST(CsvReader, SaysWhatIsWrongWithANumber) {
  const Read read = read_csv(
      "category,id,duration_ms\nllm,,12.5\nllm,one,\nllm,9223372036854775808,\nllm,7,-5\n");
  ASSERT_EQ(read.refused.size(), 3U);
  EXPECT_EQ(read.refused[0].second.message,
            "\"duration_ms\" must be a number in the range of int64, not \"12.5\"");
  EXPECT_EQ(read.refused[1].second.message,
            "\"id\" must be a number in the range of int64, not \"one\"");
  EXPECT_EQ(read.refused[2].first, 4);
  ASSERT_EQ(read.events.size(), 1U);
  EXPECT_EQ(read.events[0].id, 7);
  EXPECT_EQ(read.events[0].duration.count(), -5);
}

TEST(CsvReader, ARecordOverTheLimitIsRefusedAndTheNextIsRead) {
  const std::string text =
      "category,detail\nllm,\"" + std::string(limits::line_bytes_max + 1, 'x') + "\"\nmcp,small\n";
  const Read read = read_csv(text);
  ASSERT_EQ(read.refused.size(), 1U);
  EXPECT_EQ(read.refused[0].second.code, ErrorCode::too_large);
  ASSERT_EQ(read.events.size(), 1U);
  EXPECT_EQ(read.events[0].category, "mcp");
}

TEST(CsvReader, AnEmptyFileIsAnError) {
  EXPECT_EQ(read_csv("").result.error().code, ErrorCode::parse);
}

}  // namespace
}  // namespace agentaudit
