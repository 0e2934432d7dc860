#include "render/event_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "render/terminal_text.h"

namespace agentaudit {
namespace {

Event sample(EventId id) {
  Event event;
  event.id = id;
  event.timestamp = Timestamp::from_ns(1'795'500'000'123'456'789);
  event.category = "tool_call";
  event.status = "denied";
  event.agent = "researcher";
  event.target = "web_search";
  event.summary = "web_search: weather in Lisbon, and in every other town of Portugal as well";
  event.duration = std::chrono::milliseconds(1'250);
  return event;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    lines.push_back(text.substr(start, end - start));
  }
  return lines;
}

TEST(EventTable, NoLineIsWiderThanTheTerminal) {
  const std::vector<Event> events = {sample(1), sample(123'456)};
  for (std::size_t columns = 80; columns <= 200; ++columns) {
    for (const std::string& line : lines_of(EventTable({.columns = columns}).text_of(events))) {
      EXPECT_LE(terminal_columns(line), columns) << line;
    }
  }
}

TEST(EventTable, ANarrowTerminalShowsWhatMattersMost) {
  const auto lines = lines_of(EventTable({.columns = 80}).text_of(std::vector{sample(1)}));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[1].find("2026-11-24T06:00:00.123Z"), std::string::npos) << lines[1];
  EXPECT_NE(lines[1].find("denied"), std::string::npos);
  EXPECT_NE(lines[1].find("tool_call"), std::string::npos);
  EXPECT_EQ(lines[0].find("TARGET"), std::string::npos);
}

TEST(EventTable, AWideTerminalShowsEverything) {
  const auto lines = lines_of(EventTable({.columns = 200}).text_of(std::vector{sample(1)}));
  for (const std::string text : {"researcher", "web_search", "1.25 s", "as well"}) {
    EXPECT_NE(lines[1].find(text), std::string::npos) << lines[1];
  }
}

TEST(EventTable, OffATerminalNothingIsCut) {
  const auto lines = lines_of(EventTable({}).text_of(std::vector{sample(1)}));
  EXPECT_NE(lines[1].find("of Portugal as well"), std::string::npos);
}

TEST(EventTable, LaterRowsKeepTheLayoutWithoutTheHeading) {
  EventTable table({.columns = 120});
  const auto first = lines_of(table.text_of(std::vector{sample(1)}));
  const auto later = lines_of(table.text_of(std::vector{sample(2)}));
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later[0].find("denied"), first[1].find("denied"));
}

TEST(EventTable, ColoursComeOnlyWhenAskedFor) {
  const std::vector<Event> events = {sample(1)};
  EXPECT_EQ(EventTable({.columns = 80}).text_of(events).find('\x1b'), std::string::npos);
  const std::string coloured = EventTable({.columns = 80, .colours = true}).text_of(events);
  EXPECT_NE(coloured.find("\x1b[33mdenied\x1b[0m"), std::string::npos);
}

TEST(EventTable, HostileTextStaysOnItsLine) {
  Event event = sample(1);
  event.summary = "\x1b[2J\nrm -rf\u202e";
  event.agent = "\r\x9b";
  const std::string text = EventTable({.columns = 160}).text_of(std::vector{event});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("\\u202e"), std::string::npos);
}

TEST(EventTable, OpenIntentsShowHowLongTheyHaveBeenOpen) {
  EventTable table({.columns = 80}, EventTableKind::open_intents);
  const auto lines = lines_of(table.text_of(std::vector{sample(1)}));
  EXPECT_NE(lines[0].find("OPEN FOR"), std::string::npos);
  EXPECT_EQ(lines[0].find("STATUS"), std::string::npos);
}

}  // namespace
}  // namespace agentaudit
