#include "agentaudit/emit/buffered_emitter.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agentaudit/core/limits.h"
#include "agentaudit/core/names.h"
#include "emit/sinks.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;
using testing::expect_consistent;
using testing::gaps_in;
using testing::Gate;
using testing::generous;
using testing::RecordingSink;
using testing::tool_call;

TEST(BufferedEmitter, CloseWritesEverythingThatWasAccepted) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink);
  ASSERT_TRUE(emitter.start());
  for (int i = 0; i < 500; ++i) ASSERT_EQ(emitter.emit(tool_call()), Emitted::accepted);
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().size(), 500U);
  EXPECT_EQ(emitter.counters().durable, 500);
  expect_consistent(emitter.counters());
}

TEST(BufferedEmitter, FillsInTimestampAndStatus) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink);
  ASSERT_TRUE(emitter.start());
  const Timestamp before = Timestamp::now();
  emitter.emit(tool_call());
  ASSERT_TRUE(emitter.close(generous));
  const Event event = sink->events().at(0);
  EXPECT_EQ(event.status, status::ok);
  EXPECT_GE(event.timestamp, before);
  EXPECT_LE(event.timestamp, Timestamp::now());
}

TEST(BufferedEmitter, KeepsTimestampAndStatusThatAreSet) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink);
  ASSERT_TRUE(emitter.start());
  Event event = tool_call();
  event.timestamp = Timestamp::from_ns(5);
  event.status = status::denied;
  emitter.emit(event);
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().at(0), event);
}

TEST(BufferedEmitter, AFlushHasTheSinkSignWhatItWrote) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink, {.flush_interval = 1h});
  ASSERT_TRUE(emitter.start());
  for (int i = 0; i < 10; ++i) emitter.emit(tool_call());
  ASSERT_TRUE(emitter.flush(generous));
  EXPECT_TRUE(sink->wait_signed(10, generous));
  ASSERT_TRUE(emitter.close(generous));
}

TEST(BufferedEmitter, TheSinkSignsOnceNoMoreEventsCome) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink, {.flush_interval = 1ms});
  ASSERT_TRUE(emitter.start());
  emitter.emit(tool_call());
  EXPECT_TRUE(sink->wait_signed(1, generous));
  emitter.emit(tool_call());
  EXPECT_TRUE(sink->wait_signed(2, generous));
  ASSERT_TRUE(emitter.close(generous));
  // Not once more while there was nothing new.
  EXPECT_EQ(sink->signed_sizes(), (std::vector<std::size_t>{1, 2}));
}

TEST(BufferedEmitter, CloseHasTheSinkSignTheRest) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink, {.flush_interval = 1h});
  ASSERT_TRUE(emitter.start());
  emitter.emit(tool_call());
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->signed_sizes(), std::vector<std::size_t>{1});
}

TEST(BufferedEmitter, WritesABatchAsSoonAsItIsFull) {
  Gate written;
  auto sink = std::make_shared<RecordingSink>([&](auto events) -> std::optional<Error> {
    EXPECT_EQ(events.size(), 10U);
    written.open();
    return std::nullopt;
  });
  BufferedEmitter emitter(sink, {.batch_events = 10, .flush_interval = 1h});
  ASSERT_TRUE(emitter.start());
  for (int i = 0; i < 10; ++i) emitter.emit(tool_call());
  written.pass();
  ASSERT_TRUE(emitter.close(generous));
}

TEST(BufferedEmitter, WritesAnUnfilledBatchAfterTheFlushInterval) {
  Gate written;
  auto sink = std::make_shared<RecordingSink>([&](auto) -> std::optional<Error> {
    written.open();
    return std::nullopt;
  });
  BufferedEmitter emitter(sink, {.batch_events = 100, .flush_interval = 1ms});
  ASSERT_TRUE(emitter.start());
  emitter.emit(tool_call());
  written.pass();
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().size(), 1U);
}

TEST(BufferedEmitter, NoBatchExceedsItsLimit) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink, {.capacity_events = 1'000, .batch_events = 64});
  for (int i = 0; i < 1'000; ++i) emitter.emit(tool_call());
  ASSERT_TRUE(emitter.start());
  ASSERT_TRUE(emitter.close(generous));
  for (const std::size_t batch : sink->batches()) EXPECT_LE(batch, 64U);
  EXPECT_EQ(sink->events().size(), 1'000U);
}

TEST(BufferedEmitter, FlushReturnsWhenWhatWasAcceptedIsDurable) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink, {.flush_interval = 1h});
  ASSERT_TRUE(emitter.start());
  emitter.emit(tool_call());
  ASSERT_TRUE(emitter.flush(generous));
  EXPECT_EQ(sink->events().size(), 1U);
  ASSERT_TRUE(emitter.flush(0s)) << "nothing is left to wait for";
}

TEST(BufferedEmitter, FlushSaysAtItsDeadlineThatItIsNotDurable) {
  Gate gate;
  auto sink = std::make_shared<RecordingSink>([&](auto) -> std::optional<Error> {
    gate.pass();
    return std::nullopt;
  });
  BufferedEmitter emitter(sink);
  ASSERT_TRUE(emitter.start());
  emitter.emit(tool_call());
  const auto flushed = emitter.flush(5ms);
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, ErrorCode::deadline);
  gate.open();
  ASSERT_TRUE(emitter.close(generous));
}

TEST(BufferedEmitter, FlushBeforeStartDoesNotHang) {
  BufferedEmitter emitter(std::make_shared<RecordingSink>());
  EXPECT_TRUE(emitter.flush(generous)) << "nothing to write";
  emitter.emit(tool_call());
  const auto flushed = emitter.flush(generous);
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, ErrorCode::invalid_argument);
}

TEST(BufferedEmitter, FlushAfterStopDoesNotHang) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink);
  std::stop_source stop;
  ASSERT_TRUE(emitter.start(stop.get_token()));
  emitter.emit(tool_call());
  stop.request_stop();
  EXPECT_TRUE(emitter.flush(generous));
  EXPECT_EQ(sink->events().size(), 1U);
  EXPECT_EQ(emitter.emit(tool_call()), Emitted::dropped);
}

TEST(BufferedEmitter, EventsBeforeStartAreKept) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink);
  emitter.emit(tool_call("early"));
  ASSERT_TRUE(emitter.start());
  ASSERT_TRUE(emitter.flush(generous));
  EXPECT_EQ(sink->events().at(0).summary, "early");
}

TEST(BufferedEmitter, CloseWithoutStartWritesWhatIsBuffered) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink);
  emitter.emit(tool_call());
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().size(), 1U);
}

TEST(BufferedEmitter, StartsOnlyOnce) {
  BufferedEmitter emitter(std::make_shared<RecordingSink>());
  ASSERT_TRUE(emitter.start());
  const auto again = emitter.start();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::invalid_argument);
  ASSERT_TRUE(emitter.close(generous));
  const auto after_close = emitter.start();
  ASSERT_FALSE(after_close);
  EXPECT_EQ(after_close.error().code, ErrorCode::closed);
}

TEST(BufferedEmitter, FullQueueDropsTheNewestAndCountsIt) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink, {.capacity_events = 3});
  for (const char* name : {"1", "2", "3"})
    EXPECT_EQ(emitter.emit(tool_call(name)), Emitted::accepted);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(emitter.emit(tool_call("late")), Emitted::dropped);
  EXPECT_EQ(emitter.counters().offered, 5);
  EXPECT_EQ(emitter.counters().accepted, 3);
  EXPECT_EQ(emitter.counters().dropped, 2);
  expect_consistent(emitter.counters());
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().at(2).summary, "3");
}

TEST(BufferedEmitter, DropsAreRecordedAsAGapWithCountTimesAndReason) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink, {.capacity_events = 1});
  const Timestamp before = Timestamp::now();
  for (int i = 0; i < 4; ++i) emitter.emit(tool_call());
  ASSERT_TRUE(emitter.close(generous));
  const auto gaps = gaps_in(sink->events());
  ASSERT_EQ(gaps.size(), 1U);
  const auto detail = nlohmann::json::parse(gaps[0].detail);
  EXPECT_EQ(detail["count"], 3);
  EXPECT_EQ(detail["reason"], "buffer_full");
  const auto first = Timestamp::parse(detail["first"].get<std::string>()).value();
  const auto last = Timestamp::parse(detail["last"].get<std::string>()).value();
  EXPECT_LE(before, first);
  EXPECT_LE(first, last);
  EXPECT_EQ(emitter.counters().gaps_recorded, 1);
  EXPECT_EQ(emitter.counters().losses_recorded, 3);
}

TEST(BufferedEmitter, EmitAfterCloseIsCountedAndRecordedByTheNextClose) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink);
  ASSERT_TRUE(emitter.start());
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(emitter.emit(tool_call()), Emitted::dropped);
  EXPECT_EQ(emitter.counters().dropped, 1);
  ASSERT_TRUE(emitter.close(generous));
  const auto gaps = gaps_in(sink->events());
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(gaps[0].detail)["reason"], "closed");
}

TEST(BufferedEmitter, BlockWaitsForRoom) {
  Gate gate;
  auto sink = std::make_shared<RecordingSink>([&](auto) -> std::optional<Error> {
    gate.pass();
    return std::nullopt;
  });
  BufferedEmitter emitter(
      sink, {.capacity_events = 1, .full_policy = FullPolicy::block, .block_deadline = generous});
  ASSERT_TRUE(emitter.start());
  emitter.emit(tool_call("first"));
  gate.wait_for_visitor();
  std::thread blocked([&] { EXPECT_EQ(emitter.emit(tool_call("second")), Emitted::accepted); });
  gate.open();
  blocked.join();
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().size(), 2U);
  EXPECT_EQ(emitter.counters().dropped, 0);
}

TEST(BufferedEmitter, BlockGivesUpAtItsDeadline) {
  BufferedEmitter emitter(
      std::make_shared<RecordingSink>(),
      {.capacity_events = 1, .full_policy = FullPolicy::block, .block_deadline = 5ms});
  emitter.emit(tool_call());
  EXPECT_EQ(emitter.emit(tool_call()), Emitted::dropped);
  EXPECT_EQ(emitter.counters().dropped, 1);
}

TEST(BufferedEmitter, ThePolicyOfACategoryOverridesTheGeneralOne) {
  Gate gate;
  auto sink = std::make_shared<RecordingSink>([&](auto) -> std::optional<Error> {
    gate.pass();
    return std::nullopt;
  });
  BufferedEmitter emitter(sink, {.capacity_events = 1,
                                 .category_policies = {{"approval", FullPolicy::block}},
                                 .block_deadline = generous});
  ASSERT_TRUE(emitter.start());
  emitter.emit(tool_call());
  gate.wait_for_visitor();
  EXPECT_EQ(emitter.emit(tool_call()), Emitted::dropped);
  Event approval = tool_call();
  approval.category = category::approval;
  std::thread blocked([&] { EXPECT_EQ(emitter.emit(approval), Emitted::accepted); });
  gate.open();
  blocked.join();
  ASSERT_TRUE(emitter.close(generous));
}

TEST(BufferedEmitter, DurableReturnsOnlyAfterTheCommit) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink, {.flush_interval = 1h,
                                 .category_policies = {{"approval", FullPolicy::durable}},
                                 .block_deadline = generous});
  ASSERT_TRUE(emitter.start());
  Event approval = tool_call();
  approval.category = category::approval;
  EXPECT_EQ(emitter.emit(approval), Emitted::durable);
  EXPECT_EQ(sink->events().size(), 1U);
}

TEST(BufferedEmitter, DurableThatIsLateStaysAccepted) {
  Gate gate;
  auto sink = std::make_shared<RecordingSink>([&](auto) -> std::optional<Error> {
    gate.pass();
    return std::nullopt;
  });
  BufferedEmitter emitter(sink, {.full_policy = FullPolicy::durable, .block_deadline = 5ms});
  ASSERT_TRUE(emitter.start());
  EXPECT_EQ(emitter.emit(tool_call()), Emitted::accepted);
  gate.open();
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().size(), 1U);
}

TEST(BufferedEmitter, AnEventOverTheLimitIsCutAndSaysSo) {
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink);
  Event event = tool_call();
  event.detail = std::string(3 * limits::event_bytes_max, 'x');
  EXPECT_EQ(emitter.emit(event), Emitted::accepted);
  ASSERT_TRUE(emitter.close(generous));
  const Event kept = sink->events().at(0);
  EXPECT_LE(size_bytes(kept), limits::event_bytes_max);
  EXPECT_EQ(nlohmann::json::parse(kept.detail)["bytes"], 3 * limits::event_bytes_max);
}

TEST(BufferedEmitter, TheByteLimitHolds) {
  BufferedEmitter emitter(
      std::make_shared<RecordingSink>(),
      {.capacity_events = 1'000'000, .capacity_bytes = BufferedEmitter::buffer_bytes_min});
  Event event = tool_call();
  event.detail = std::string(100'000, 'x');
  int accepted = 0;
  while (emitter.emit(event) == Emitted::accepted) ++accepted;
  EXPECT_GE(accepted, 15);
  EXPECT_LE(emitter.counters().buffered_bytes,
            static_cast<std::int64_t>(BufferedEmitter::buffer_bytes_min));
}

TEST(BufferedEmitter, ManyThreadsOfferAndEveryEventIsCountedOnce) {
  constexpr int threads_count = 16;
  constexpr int events_each = 2'000;
  auto sink = std::make_shared<RecordingSink>();
  BufferedEmitter emitter(sink, {.capacity_events = 512, .flush_interval = 1ms});
  ASSERT_TRUE(emitter.start());
  std::vector<std::thread> threads;
  std::atomic<std::int64_t> accepted = 0;
  for (int t = 0; t < threads_count; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < events_each; ++i) {
        if (emitter.emit(tool_call()) == Emitted::accepted) ++accepted;
        if (i % 500 == 0) expect_consistent(emitter.counters());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(emitter.close(generous));
  const EmitterCounters counters = emitter.counters();
  EXPECT_EQ(counters.offered, threads_count * events_each);
  EXPECT_EQ(counters.accepted, accepted);
  EXPECT_EQ(counters.durable, accepted);
  EXPECT_EQ(counters.losses_recorded, counters.dropped);
  EXPECT_EQ(static_cast<std::int64_t>(sink->events().size()), accepted + counters.gaps_recorded);
  expect_consistent(counters);
}

TEST(BufferedEmitter, CloseRacingWithEmitsLosesNoCount) {
  for (int round = 0; round < 50; ++round) {
    auto sink = std::make_shared<RecordingSink>();
    BufferedEmitter emitter(sink);
    ASSERT_TRUE(emitter.start());
    std::atomic<std::int64_t> accepted = 0;
    std::thread producer([&] {
      for (int i = 0; i < 200; ++i) {
        if (emitter.emit(tool_call()) == Emitted::accepted) ++accepted;
      }
    });
    ASSERT_TRUE(emitter.close(generous));
    producer.join();
    ASSERT_TRUE(emitter.close(generous));
    EXPECT_EQ(emitter.counters().durable, accepted);
    EXPECT_EQ(emitter.counters().offered, 200);
  }
}

}  // namespace
}  // namespace agentaudit
