#include "agentaudit/emit/span.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "agentaudit/core/names.h"
#include "agentaudit/emit/nop_emitter.h"

namespace agentaudit {
namespace {

class RecordingEmitter final : public Emitter {
 public:
  Emitted emit(const EventView& event) noexcept override {
    events.push_back(event.to_event());
    return Emitted::accepted;
  }
  std::vector<Event> events;
};

Event intent() {
  Event event;
  event.category = category::tool_call;
  event.action = "execute";
  event.agent = "researcher";
  event.target = "web_search";
  return event;
}

TEST(Span, EmitsTheIntentAtOnce) {
  RecordingEmitter emitter;
  const Span span(emitter, intent());
  ASSERT_EQ(emitter.events.size(), 1U);
  EXPECT_EQ(emitter.events[0].status, status::pending);
  EXPECT_EQ(emitter.events[0].target, "web_search");
}

TEST(Span, TheEndOfTheScopeEmitsTheEffectWithTheSameSpan) {
  RecordingEmitter emitter;
  {
    Span span(emitter, intent());
    span.set_detail("{\"result\":1}");
    span.set_summary("found");
  }
  ASSERT_EQ(emitter.events.size(), 2U);
  EXPECT_EQ(emitter.events[1].status, status::ok);
  EXPECT_EQ(emitter.events[1].detail, "{\"result\":1}");
  EXPECT_EQ(emitter.events[1].summary, "found");
  EXPECT_EQ(emitter.events[1].span_id, emitter.events[0].span_id);
  EXPECT_EQ(emitter.events[1].trace_id, emitter.events[0].trace_id);
  EXPECT_GE(emitter.events[1].duration.count(), 0);
}

TEST(Span, AnExceptionThatLeavesTheScopeMakesItAnError) {
  RecordingEmitter emitter;
  try {
    const Span span(emitter, intent());
    throw std::runtime_error("no network");
  } catch (const std::runtime_error&) {
  }
  ASSERT_EQ(emitter.events.size(), 2U);
  EXPECT_EQ(emitter.events[1].status, status::error);
}

TEST(Span, ASpanInsideACleanupDuringUnwindingIsStillOk) {
  struct Cleanup {
    RecordingEmitter& emitter;
    ~Cleanup() { const Span span(emitter, intent()); }
  };
  RecordingEmitter emitter;
  try {
    const Cleanup cleanup{emitter};
    throw std::runtime_error("elsewhere");
  } catch (const std::runtime_error&) {
  }
  ASSERT_EQ(emitter.events.size(), 2U);
  EXPECT_EQ(emitter.events[1].status, status::ok);
}

TEST(Span, AStatusThatIsSetWins) {
  RecordingEmitter emitter;
  {
    Span span(emitter, intent());
    span.set_status(status::denied);
  }
  EXPECT_EQ(emitter.events[1].status, status::denied);
}

TEST(Span, EndEmitsOnce) {
  RecordingEmitter emitter;
  {
    Span span(emitter, intent());
    span.end();
    span.end();
  }
  EXPECT_EQ(emitter.events.size(), 2U);
}

TEST(Span, MakesUpIdsOfTheW3cShapeAndKeepsThoseGiven) {
  RecordingEmitter emitter;
  const Span outer(emitter, intent());
  EXPECT_EQ(outer.trace_id().size(), 32U);
  EXPECT_EQ(outer.span_id().size(), 16U);
  EXPECT_EQ(outer.span_id().find_first_not_of("0123456789abcdef"), std::string_view::npos);

  Event nested = intent();
  nested.trace_id = outer.trace_id();
  nested.parent_span_id = outer.span_id();
  const Span inner(emitter, nested);
  EXPECT_EQ(inner.trace_id(), outer.trace_id());
  EXPECT_NE(inner.span_id(), outer.span_id());
  EXPECT_EQ(emitter.events[1].parent_span_id, outer.span_id());
}

TEST(NopEmitter, DiscardsEverything) {
  NopEmitter emitter;
  EXPECT_EQ(emitter.emit(intent()), Emitted::dropped);
}

}  // namespace
}  // namespace agentaudit
