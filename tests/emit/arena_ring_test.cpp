#include "emit/arena_ring.h"

#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace agentaudit {
namespace {

Event event_of(std::size_t detail_bytes, char fill = 'x') {
  Event event;
  event.category = "tool_call";
  event.action = "execute";
  event.detail = std::string(detail_bytes, fill);
  return event;
}

ArenaRing::Pushed push(ArenaRing& ring, const Event& event) {
  return ring.push(event, size_bytes(event), true);
}

std::vector<EventView> peek(const ArenaRing& ring, std::size_t events_max = 1'000) {
  std::vector<EventView> views;
  ring.peek(views, events_max);
  return views;
}

TEST(ArenaRing, GivesBackEveryFieldByteForByte) {
  ArenaRing ring(10, 1U << 16U);
  Event event;
  event.timestamp = Timestamp::from_ns(-1);
  event.duration = std::chrono::milliseconds(-7);
  event.category = std::string("a\0b", 3);
  event.action = "\xff\xfe";
  event.agent = "agent";
  event.summary = "summary";
  event.detail = "{}";
  event.status = "denied";
  event.source = "source";
  event.conversation_id = "conversation";
  event.target = "target";
  event.principal = "principal";
  event.trace_id = "trace";
  event.span_id = "span";
  event.parent_span_id = "parent";
  ASSERT_EQ(push(ring, event).outcome, ArenaRing::Push::accepted);
  ASSERT_EQ(peek(ring).size(), 1U);
  EXPECT_EQ(peek(ring)[0].to_event(), event);
}

TEST(ArenaRing, RefusesBeyondItsEvents) {
  ArenaRing ring(2, 1U << 16U);
  EXPECT_EQ(push(ring, event_of(1)).outcome, ArenaRing::Push::accepted);
  EXPECT_EQ(push(ring, event_of(1)).outcome, ArenaRing::Push::accepted);
  EXPECT_EQ(push(ring, event_of(1)).outcome, ArenaRing::Push::full);
  EXPECT_EQ(ring.state().accepted, 2);
  EXPECT_EQ(ring.state().dropped, 1);
}

TEST(ArenaRing, RefusesBeyondItsBytes) {
  ArenaRing ring(1'000, 4'096);
  EXPECT_EQ(push(ring, event_of(3'000)).outcome, ArenaRing::Push::accepted);
  EXPECT_EQ(push(ring, event_of(3'000)).outcome, ArenaRing::Push::full);
  EXPECT_LE(ring.state().bytes, 4'096);
}

TEST(ArenaRing, AnEmptyRingTakesTheLargestRecordWhereverItStands) {
  ArenaRing ring(1'000, 4'096);
  ASSERT_EQ(push(ring, event_of(1'500)).outcome, ArenaRing::Push::accepted);
  ring.pop(1);
  EXPECT_EQ(push(ring, event_of(3'900)).outcome, ArenaRing::Push::accepted);
}

TEST(ArenaRing, AClosedRingRefusesAndSaysSo) {
  ArenaRing ring(10, 4'096);
  ring.close();
  EXPECT_EQ(push(ring, event_of(1)).outcome, ArenaRing::Push::closed);
  EXPECT_EQ(ring.losses()[static_cast<std::size_t>(LossReason::closed)].events, 1);
}

TEST(ArenaRing, AsksForTheConsumerOnceAtTheThreshold) {
  ArenaRing ring(10, 4'096);
  ASSERT_TRUE(ring.wake_at(2));
  EXPECT_FALSE(push(ring, event_of(1)).wake_consumer);
  EXPECT_TRUE(push(ring, event_of(1)).wake_consumer);
  EXPECT_FALSE(push(ring, event_of(1)).wake_consumer);
  EXPECT_FALSE(ring.wake_at(3)) << "it is reached already";
}

TEST(ArenaRing, SettledLossesLeaveOnlyWhatCameAfter) {
  ArenaRing ring(10, 4'096);
  ring.lose(LossReason::out_of_memory, 3);
  const LossTally recorded = ring.losses();
  ring.lose(LossReason::out_of_memory, 2);
  ring.settle(recorded);
  const Losses left = ring.losses()[static_cast<std::size_t>(LossReason::out_of_memory)];
  EXPECT_EQ(left.events, 2);
  EXPECT_GE(left.first, recorded[static_cast<std::size_t>(LossReason::out_of_memory)].last);
}

// A deque is the plain model of the ring.
RC_GTEST_PROP(ArenaRing, KeepsOrderAndContentThroughAnyPushesAndPops, ()) {
  ArenaRing ring(50, 8'192);
  std::vector<std::string> model;
  const auto steps = *rc::gen::container<std::vector<std::pair<bool, std::uint16_t>>>(
      200, rc::gen::arbitrary<std::pair<bool, std::uint16_t>>());
  char fill = 'a';
  for (const auto& [pushes, number] : steps) {
    if (pushes) {
      const Event event = event_of(number % 3'000, fill);
      fill = fill == 'z' ? 'a' : static_cast<char>(fill + 1);
      if (push(ring, event).outcome == ArenaRing::Push::accepted) model.push_back(event.detail);
    } else {
      const std::size_t count = std::min<std::size_t>(model.size(), number % 5);
      ring.pop(count);
      model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(count));
    }
    const auto views = peek(ring);
    RC_ASSERT(views.size() == model.size());
    for (std::size_t i = 0; i < views.size(); ++i) RC_ASSERT(views[i].detail == model[i]);
    RC_ASSERT(ring.state().bytes <= 8'192);
  }
}

TEST(ArenaRing, LosesNothingBetweenManyProducersAndOneConsumer) {
  constexpr int producers = 4;
  constexpr int events_each = 20'000;
  ArenaRing ring(64, 1U << 16U);
  std::vector<std::thread> threads;
  for (int producer = 0; producer < producers; ++producer) {
    threads.emplace_back([&, producer] {
      Event event = event_of(0);
      event.agent = std::to_string(producer);
      for (int i = 0; i < events_each; ++i) {
        event.summary = std::to_string(i);
        while (ring.push(event, size_bytes(event), false).outcome == ArenaRing::Push::full) {
          std::this_thread::yield();
        }
      }
    });
  }
  std::vector<int> next(producers, 0);
  for (int seen = 0; seen < producers * events_each;) {
    const auto views = peek(ring, 16);
    for (const EventView& view : views) {
      const auto producer = static_cast<std::size_t>(view.agent[0] - '0');
      ASSERT_EQ(view.summary, std::to_string(next[producer]++));
    }
    ring.pop(views.size());
    seen += static_cast<int>(views.size());
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ring.state().accepted, producers * events_each);
  EXPECT_EQ(ring.state().dropped, 0);
}

}  // namespace
}  // namespace agentaudit
