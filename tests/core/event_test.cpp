#include "agentaudit/core/event.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "core/event_fields.h"
#include "core/sha256.h"
#include "core/utf8.h"

namespace agentaudit {
namespace {

Event event_with_every_field() {
  Event event;
  event.id = 7;
  event.timestamp = Timestamp::from_ns(5);
  event.duration = std::chrono::milliseconds(9);
  for (const StringField& field : string_fields) event.*field.owned = field.name;
  return event;
}

TEST(Event, AViewShowsEveryField) {
  const Event event = event_with_every_field();
  const EventView view = event;
  EXPECT_EQ(view.id, 7);
  EXPECT_EQ(view.timestamp, Timestamp::from_ns(5));
  EXPECT_EQ(view.duration.count(), 9);
  for (const StringField& field : string_fields) EXPECT_EQ(view.*field.view, field.name);
}

TEST(Event, AViewIsCopiedBackToAnEqualEvent) {
  const Event event = event_with_every_field();
  EXPECT_EQ(EventView(event).to_event(), event);
}

TEST(Event, ItsSizeIsThatOfAllItsStrings) {
  std::size_t bytes = 0;
  for (const StringField& field : string_fields) bytes += field.name.size();
  EXPECT_EQ(size_bytes(event_with_every_field()), bytes);
  EXPECT_EQ(size_bytes(Event()), 0U);
}

Event event_of(std::size_t detail_bytes) {
  Event event;
  event.category = "llm";
  event.detail = std::string(detail_bytes, 'x');
  return event;
}

TEST(Event, OfTheLimitIsWithinIt) {
  EXPECT_TRUE(check_limits(event_of(limits::event_bytes_max - 3)));
}

TEST(Event, OverTheLimitIsTooLarge) {
  const auto checked = check_limits(event_of(limits::event_bytes_max - 2));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::too_large);
  EXPECT_EQ(checked.error().message,
            "an event of 1048577 bytes, more than the limit of 1048576; cut_to_limit() makes it "
            "fit");
}

TEST(CutToLimit, LeavesWhatFitsAsItIs) {
  Event event = event_of(limits::event_bytes_max - 3);
  const Event before = event;
  EXPECT_FALSE(cut_to_limit(event));
  EXPECT_EQ(event, before);
}

TEST(CutToLimit, KeepsLengthHashAndStartOfALongDetail) {
  Event event = event_of(3'000'000);
  const std::string full = event.detail;
  ASSERT_TRUE(cut_to_limit(event));
  EXPECT_TRUE(check_limits(event));
  const auto detail = nlohmann::json::parse(event.detail);
  EXPECT_EQ(detail["truncated"], true);
  EXPECT_EQ(detail["bytes"], 3'000'000);
  EXPECT_EQ(detail["sha256"], sha256_hex(full));
  EXPECT_EQ(detail["head"], full.substr(0, limits::event_bytes_max / 2));
  EXPECT_FALSE(detail.contains("cut"));
}

TEST(CutToLimit, FitsEvenWhenEveryByteMustBeEscaped) {
  Event event = event_of(0);
  event.detail = std::string(2'000'000, '\x01');
  ASSERT_TRUE(cut_to_limit(event));
  EXPECT_TRUE(check_limits(event));
  const auto detail = nlohmann::json::parse(event.detail);
  EXPECT_GT(detail["head"].get<std::string>().size(), 100'000U);
}

TEST(CutToLimit, DoesNotCutWithinACodePoint) {
  Event event = event_of(0);
  event.detail = "x";
  while (event.detail.size() < 1'500'000) event.detail += "😀";
  ASSERT_TRUE(cut_to_limit(event));
  const auto head = nlohmann::json::parse(event.detail)["head"].get<std::string>();
  EXPECT_TRUE(is_utf8(head));
  EXPECT_TRUE(head.ends_with("😀"));
}

TEST(CutToLimit, NamesOtherStringsThatItCut) {
  Event event = event_of(10);
  event.summary = std::string(900'000, 's');
  event.target = std::string(900'000, 't');
  event.agent = std::string(16'384, 'a');
  ASSERT_TRUE(cut_to_limit(event));
  EXPECT_TRUE(check_limits(event));
  EXPECT_EQ(event.summary, std::string(16'384, 's'));
  EXPECT_EQ(event.target, std::string(16'384, 't'));
  EXPECT_EQ(event.agent.size(), 16'384U);
  const auto detail = nlohmann::json::parse(event.detail);
  EXPECT_EQ(detail["cut"], (nlohmann::json{"summary", "target"}));
  EXPECT_EQ(detail["head"], "xxxxxxxxxx");
  EXPECT_EQ(detail["bytes"], 10);
}

TEST(CutToLimit, FitsWhenEveryStringIsTooLong) {
  Event event;
  for (const StringField& field : string_fields)
    event.*field.owned = std::string(1'000'000, '\x02');
  ASSERT_TRUE(cut_to_limit(event));
  EXPECT_TRUE(check_limits(event));
  EXPECT_TRUE(nlohmann::json::accept(event.detail));
}

TEST(CutToLimit, IsDoneOnce) {
  Event event = event_of(3'000'000);
  ASSERT_TRUE(cut_to_limit(event));
  EXPECT_FALSE(cut_to_limit(event));
}

RC_GTEST_PROP(CutToLimitProperty, AlwaysFits, ()) {
  const auto unit = *rc::gen::element<std::string>("x", "\"", "\x01", "ü", "😀", "\xFF", "\\");
  const auto units = *rc::gen::inRange<std::size_t>(0, 2'000'000);
  Event event;
  event.detail.reserve(units * unit.size());
  for (std::size_t i = 0; i < units; ++i) event.detail += unit;
  const std::string full = event.detail;
  const bool cut = cut_to_limit(event);
  RC_ASSERT(check_limits(event).has_value());
  RC_ASSERT(cut == (full.size() > limits::event_bytes_max));
  if (cut) RC_ASSERT(event.detail.find(sha256_hex(full)) != std::string::npos);
}

}  // namespace
}  // namespace agentaudit
