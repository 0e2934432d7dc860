// Conformance: what is written is what is read.

#include <limits>
#include <thread>

#include "agentaudit/core/limits.h"
#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

constexpr std::string_view any_bytes(
    "\0\x01 \xff\xfe\xc3\x28 \xed\xa0\x80 \"'\\\n\t%_\xf0\x9f\x94\x8d", 24);

TEST_P(StoreConformance, EveryFieldComesBackByteForByte) {
  Event event;
  event.timestamp = Timestamp::from_ns(1'700'000'000'123'456'789);
  event.duration = std::chrono::milliseconds(1'234);
  std::string Event::* const fields[] = {
      &Event::category,      &Event::action,    &Event::agent,    &Event::summary,
      &Event::detail,        &Event::status,    &Event::source,   &Event::conversation_id,
      &Event::target,        &Event::principal, &Event::trace_id, &Event::span_id,
      &Event::parent_span_id};
  int number = 0;
  for (auto field : fields) event.*field = std::to_string(number++) + std::string(any_bytes);
  event.id = insert(event);
  EXPECT_EQ(*store_->get(event.id), event);
  ASSERT_EQ(list().events.size(), 1U);
  EXPECT_EQ(list().events[0], event);
}

TEST_P(StoreConformance, EmptyFieldsStayEmpty) {
  Event event;
  event.timestamp = at(1);
  event.id = insert(event);
  event.status = "ok";  // the documented default
  EXPECT_EQ(*store_->get(event.id), event);
}

TEST_P(StoreConformance, TheSameTextInDifferentFieldsIsKeptApart) {
  Event event = event_at(at(1));
  event.category = event.action = event.agent = event.source = event.target = "same";
  event.id = insert(event);
  EXPECT_EQ(*store_->get(event.id), event);
  EXPECT_EQ(list({.agents = {"same"}}).total, 1);
  EXPECT_EQ(list({.statuses = {"same"}}).total, 0);
}

TEST_P(StoreConformance, IdsOfTraceAndSpanAreKeptAsWritten) {
  const std::string trace_hex = "0af7651916cd43dd8448eb211c80319c";
  const std::string span_hex = "b7ad6b7169203331";
  for (const auto& [trace, span] : std::vector<std::pair<std::string, std::string>>{
           {trace_hex, span_hex},
           {"0AF7651916CD43DD8448EB211C80319C", "B7AD6B7169203331"},
           {span_hex, trace_hex},
           {"00", "0"},
           {std::string(32, 'g'), std::string(16, 'z')},
           {"", "\x01"},
           // The bytes that the hex above stands for, given as text.
           {"", std::string("\xb7\xad\x6b\x71\x69\x20\x33\x31", 8)}}) {
    Event event = event_at(at(1));
    event.trace_id = trace;
    event.span_id = span;
    event.parent_span_id = span;
    event.id = insert(event);
    EXPECT_EQ(*store_->get(event.id), event) << trace << " " << span;
  }
}

TEST_P(StoreConformance, ADetailOfAMebibyteFitsToTheByte) {
  Event event = event_at(at(1));
  const std::size_t others = size_bytes(event) - event.detail.size();
  event.detail = std::string(limits::event_bytes_max - others, '\0');
  event.detail.back() = 'x';
  event.id = insert(event);
  EXPECT_EQ(*store_->get(event.id), event);
  event.detail += 'x';
  EXPECT_EQ(error_code(store_->write(std::vector<EventView>{event})), ErrorCode::too_large);
}

TEST_P(StoreConformance, ExtremeTimesAndDurationsAreKept) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t value : {least, least + 1, std::int64_t{-1}, std::int64_t{1}, greatest}) {
    Event event = event_at(Timestamp::from_ns(value));
    event.duration = std::chrono::milliseconds(value);
    event.id = insert(event);
    EXPECT_EQ(*store_->get(event.id), event) << value;
  }
  EXPECT_EQ(ids(), (Ids{5, 4, 3, 2, 1}));
}

TEST_P(StoreConformance, IdsCountFromOneInCommitOrder) {
  EXPECT_EQ(insert(event_at(at(9))), 1);
  const Event event = event_at(at(1));
  const std::vector<EventView> batch(3, event);
  EXPECT_EQ(store_->insert_batch(batch).value(), (IdRange{.first = 2, .last = 4}));
  EXPECT_EQ(insert(event_at(at(5))), 5);
  EXPECT_EQ(ids({.order = Order::commit}), (Ids{1, 2, 3, 4, 5}));
}

TEST_P(StoreConformance, AnIdGivenByTheCallerIsNotUsed) {
  Event event = event_at(at(1));
  event.id = 77;
  EXPECT_EQ(insert(event), 1);
}

TEST_P(StoreConformance, AnUnsetTimestampIsNowAndAnEmptyStatusOk) {
  Event event = event_at({});
  event.status.clear();
  const Timestamp before = Timestamp::now();
  const EventId id = insert(event);
  const Timestamp after = Timestamp::now();
  const Event read = store_->get(id).value();
  EXPECT_GE(read.timestamp, before);
  EXPECT_LE(read.timestamp, after);
  EXPECT_EQ(read.status, "ok");
}

TEST_P(StoreConformance, OneEventTooLargeRefusesTheWholeBatch) {
  const Event good = event_at(at(1));
  Event large = good;
  large.detail = std::string(limits::event_bytes_max, 'x');
  const std::vector<EventView> batch = {good, good, large, good};
  EXPECT_EQ(error_code(store_->insert_batch(batch)), ErrorCode::too_large);
  EXPECT_EQ(list().total, 0);
  EXPECT_EQ(insert(good), 1);
}

TEST_P(StoreConformance, ABatchHasAtLeastOneEventAndAtMostTheLimit) {
  const Event event = event_at(at(1));
  const std::vector<EventView> full(limits::batch_events_max, event);
  const std::vector<EventView> over(limits::batch_events_max + 1, event);
  EXPECT_EQ(error_code(store_->insert_batch({})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store_->insert_batch(over)), ErrorCode::too_large);
  EXPECT_EQ(list().total, 0);
  EXPECT_EQ(store_->insert_batch(full).value(),
            (IdRange{.first = 1, .last = static_cast<EventId>(limits::batch_events_max)}));
}

TEST_P(StoreConformance, WhatWasAcknowledgedIsThereAfterReopening) {
  Event event = event_at(at(1));
  event.conversation_id = "c";
  event.id = insert(event);
  ASSERT_NO_FATAL_FAILURE(reopen());
  if (IsSkipped()) return;
  EXPECT_EQ(*store_->get(event.id), event);
  EXPECT_EQ(insert(event), 2);
}

TEST_P(StoreConformance, AnIdThatIsNotThereIsNotFound) {
  insert(event_at(at(1)));
  for (const EventId id :
       {EventId{-1}, EventId{0}, EventId{2}, std::numeric_limits<EventId>::max()}) {
    const auto event = store_->get(id);
    ASSERT_EQ(error_code(event), ErrorCode::not_found);
    EXPECT_NE(event.error().message.find(std::to_string(id)), std::string::npos);
  }
}

TEST_P(StoreConformance, EveryCallAfterCloseSaysSoAndCloseMayBeRepeated) {
  const Event event = event_at(at(1));
  insert(event);
  ASSERT_TRUE(store_->close());
  EXPECT_TRUE(store_->close());
  EXPECT_EQ(error_code(store_->insert(event)), ErrorCode::closed);
  EXPECT_EQ(error_code(store_->list({})), ErrorCode::closed);
  EXPECT_EQ(error_code(store_->stats({})), ErrorCode::closed);
  EXPECT_EQ(error_code(store_->get(1)), ErrorCode::closed);
  EXPECT_EQ(error_code(store_->conversations({}, {})), ErrorCode::closed);
  EXPECT_EQ(error_code(store_->open_intents({}, {})), ErrorCode::closed);
  EXPECT_EQ(error_code(store_->prune_before(at(9))), ErrorCode::closed);
}

TEST_P(StoreConformance, WritersAndReadersInManyThreadsSeeWholeBatches) {
  constexpr int writers = 3;
  constexpr int batches = 20;
  constexpr std::size_t batch_events = 7;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      Event event = event_at(at(writer + 1));
      event.agent = "agent " + std::to_string(writer);
      const std::vector<EventView> batch(batch_events, event);
      for (int i = 0; i < batches; ++i) EXPECT_TRUE(store_->insert_batch(batch));
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      std::int64_t seen = 0;
      while (seen < writers * batches * static_cast<std::int64_t>(batch_events)) {
        const auto page = store_->list({.limit = 1'000, .order = Order::commit});
        ASSERT_TRUE(page) << page.error().message;
        EXPECT_EQ(page->total % static_cast<std::int64_t>(batch_events), 0);
        EXPECT_GE(page->total, seen);
        seen = page->total;
        for (std::size_t i = 0; i < page->events.size(); ++i) {
          EXPECT_EQ(page->events[i].id, static_cast<EventId>(i) + 1);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(list({.agents = {"agent 0"}}).total, batches * static_cast<std::int64_t>(batch_events));
}

TEST_P(StoreConformance, CloseWaitsForCallsInOtherThreadsAndEndsThem) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (true) {
        const auto id = store_->insert(event_at(at(1)));
        const auto page = store_->list({});
        EXPECT_EQ(error_code(id).value_or(ErrorCode::closed), ErrorCode::closed);
        EXPECT_EQ(error_code(page).value_or(ErrorCode::closed), ErrorCode::closed);
        if (!id && !page) return;
      }
    });
  }
  while (list().total < 3) std::this_thread::yield();
  EXPECT_TRUE(store_->close());
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace agentaudit
