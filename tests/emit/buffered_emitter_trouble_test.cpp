// The emitter when its sink fails, refuses, throws or hangs.
#include <atomic>
#include <future>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agentaudit/core/names.h"
#include "agentaudit/emit/buffered_emitter.h"
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

TEST(BufferedEmitterTrouble, AFailedBatchIsKeptAndTriedAgain) {
  std::atomic<int> failures_left = 3;
  std::vector<Trouble> troubles;  // touched by the background thread alone until close
  auto sink = std::make_shared<RecordingSink>([&](auto) -> std::optional<Error> {
    if (failures_left-- > 0) return Error{.code = ErrorCode::busy, .message = "locked"};
    return std::nullopt;
  });
  BufferedEmitter emitter(sink, {.retry_rest_min = 1ms,
                                 .retry_rest_max = 2ms,
                                 .on_trouble = [&](const Trouble& t) { troubles.push_back(t); }});
  ASSERT_TRUE(emitter.start());
  for (int i = 0; i < 5; ++i) emitter.emit(tool_call());
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().size(), 5U);
  EXPECT_EQ(emitter.counters().write_failures, 3);
  EXPECT_EQ(emitter.counters().durable, 5);
  ASSERT_EQ(troubles.size(), 4U);
  EXPECT_EQ(troubles[0].kind, Trouble::Kind::write_failed);
  EXPECT_EQ(troubles[0].error.message, "locked");
  EXPECT_EQ(troubles[2].attempt, 3);
  EXPECT_EQ(troubles[3].kind, Trouble::Kind::write_recovered);
}

TEST(BufferedEmitterTrouble, TheBuffersLimitHoldsWhileABatchFails) {
  std::atomic<bool> failing = true;
  Gate tried;
  auto sink = std::make_shared<RecordingSink>([&](auto) -> std::optional<Error> {
    tried.open();
    if (failing) return Error{.code = ErrorCode::full, .message = "no space"};
    return std::nullopt;
  });
  BufferedEmitter emitter(sink,
                          {.capacity_events = 10, .retry_rest_min = 1ms, .retry_rest_max = 1ms});
  ASSERT_TRUE(emitter.start());
  for (int i = 0; i < 25; ++i) emitter.emit(tool_call());
  tried.pass();
  EXPECT_EQ(emitter.counters().accepted, 10);
  EXPECT_EQ(emitter.counters().dropped, 15);
  failing = false;
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(emitter.counters().durable, 10);
  EXPECT_EQ(emitter.counters().losses_recorded, 15);
}

TEST(BufferedEmitterTrouble, OneEventThatIsRefusedForGoodDoesNotTakeTheOthersWithIt) {
  auto sink = std::make_shared<RecordingSink>([&](auto events) -> std::optional<Error> {
    for (const EventView& event : events) {
      if (event.summary == "poison") {
        return Error{.code = ErrorCode::invalid_argument, .message = "never"};
      }
    }
    return std::nullopt;
  });
  BufferedEmitter emitter(sink);
  for (const char* summary : {"a", "poison", "b"}) emitter.emit(tool_call(summary));
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(emitter.counters().durable, 2);
  EXPECT_EQ(emitter.counters().refused, 1);
  expect_consistent(emitter.counters());
  const auto gaps = gaps_in(sink->events());
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(gaps[0].detail)["reason"], "refused_by_store");
}

TEST(BufferedEmitterTrouble, ASinkThatThrowsIsAFailureAndNoCrash) {
  std::atomic<int> throws_left = 3;
  std::vector<std::string> troubles;  // touched by the background thread alone until close
  auto sink = std::make_shared<RecordingSink>([&](auto) -> std::optional<Error> {
    const int left = throws_left--;
    if (left == 3) throw std::runtime_error("boom");
    if (left == 2) throw 42;
    if (left == 1) throw std::bad_alloc();
    return std::nullopt;
  });
  BufferedEmitter emitter(sink, {.retry_rest_min = 1ms, .on_trouble = [&](const Trouble& trouble) {
                                   troubles.push_back(trouble.error.message);
                                 }});
  emitter.emit(tool_call());
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().size(), 1U);
  EXPECT_EQ(troubles,
            (std::vector<std::string>{"the sink threw: boom",
                                      "the sink threw something that is no std::exception",
                                      "out of memory", ""}));
}

TEST(BufferedEmitterTrouble, ASinkThatThrowsWhereItShouldSignHasWrittenAllTheSame) {
  class Unsigning : public RecordingSink {
   public:
    Result<void> sign() override { throw std::runtime_error("no key"); }
  };
  auto sink = std::make_shared<Unsigning>();
  BufferedEmitter emitter(sink, {.flush_interval = 1h});
  ASSERT_TRUE(emitter.start());
  emitter.emit(tool_call());
  ASSERT_TRUE(emitter.flush(generous));
  emitter.emit(tool_call());
  ASSERT_TRUE(emitter.close(generous));
  EXPECT_EQ(sink->events().size(), 2U);
  EXPECT_EQ(emitter.counters().durable, 2);
}

TEST(BufferedEmitterTrouble, WhatTheSinkDidNotTakeUntilTheEndIsAbandonedAndCounted) {
  const auto failing = [](auto) { return Error{.code = ErrorCode::busy, .message = "locked"}; };
  auto sink = std::make_shared<RecordingSink>(failing);
  BufferedEmitter emitter(sink, {.batch_events = 2, .retry_rest_min = 1h, .retry_rest_max = 1h});
  ASSERT_TRUE(emitter.start());
  for (int i = 0; i < 5; ++i) emitter.emit(tool_call());
  const auto closed = emitter.close(1ms);
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().message,
            "the sink did not take everything in time; 5 events are abandoned");
  const auto flushed = emitter.flush(generous);
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, ErrorCode::closed);
  EXPECT_EQ(flushed.error().message, "flush: the emitter ended before everything was durable");
  EXPECT_EQ(emitter.counters().abandoned, 5);
  EXPECT_EQ(emitter.counters().buffered, 0);
  expect_consistent(emitter.counters());
}

TEST(BufferedEmitterTrouble, AnObserverThatThrowsIsIgnored) {
  std::atomic<int> failures_left = 1;
  auto sink = std::make_shared<RecordingSink>([&](auto) -> std::optional<Error> {
    if (failures_left-- > 0) return Error{.code = ErrorCode::io, .message = "once"};
    return std::nullopt;
  });
  BufferedEmitter emitter(sink,
                          {.retry_rest_min = 1ms, .on_trouble = [](const Trouble&) { throw 1; }});
  emitter.emit(tool_call());
  EXPECT_TRUE(emitter.close(generous));
}

TEST(BufferedEmitterTrouble, ASinkThatHangsHoldsNeitherEmitNorCloseNorTheDestructor) {
  // The thread that is left behind outlives the test's frame.
  const auto gate = std::make_shared<Gate>();
  auto sink = std::make_shared<RecordingSink>([gate](auto) -> std::optional<Error> {
    gate->pass();
    return std::nullopt;
  });
  std::weak_ptr<RecordingSink> watched = sink;
  {
    BufferedEmitter emitter(sink, {.capacity_events = 2});
    ASSERT_TRUE(emitter.start());
    emitter.emit(tool_call());
    ASSERT_FALSE(emitter.flush(1ms));
    gate->wait_for_visitor();
    EXPECT_EQ(emitter.emit(tool_call()), Emitted::accepted);
    EXPECT_EQ(emitter.emit(tool_call()), Emitted::dropped);
    const auto closed = emitter.close(5ms);
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, ErrorCode::deadline);
    expect_consistent(emitter.counters());
  }
  sink.reset();
  EXPECT_FALSE(watched.expired()) << "the thread left behind still owns the sink";
  gate->open();
  // The thread lets go of the sink once it is through.
  while (!watched.expired()) std::this_thread::yield();
}

TEST(BufferedEmitterTrouble, NothingIsHeardOnceCloseHasReturned) {
  const auto gate = std::make_shared<Gate>();
  auto sink = std::make_shared<RecordingSink>([gate](auto) -> std::optional<Error> {
    gate->pass();
    return Error{.code = ErrorCode::io, .message = "it fails in the end"};
  });
  const std::weak_ptr<RecordingSink> watched = sink;
  const auto heard = std::make_shared<std::atomic<int>>(0);
  {
    BufferedEmitter emitter(sink, {.on_trouble = [heard](const Trouble&) { ++*heard; }});
    ASSERT_TRUE(emitter.start());
    emitter.emit(tool_call());
    ASSERT_FALSE(emitter.flush(1ms));
    gate->wait_for_visitor();
    EXPECT_FALSE(emitter.close(5ms));
  }
  sink.reset();
  gate->open();
  while (!watched.expired()) std::this_thread::yield();
  EXPECT_EQ(*heard, 0);
}

TEST(BufferedEmitterTrouble, WhatIsBeingHeardIsHeardBeforeCloseReturns) {
  std::promise<void> hearing;
  std::atomic<bool> heard = false;
  auto sink = std::make_shared<RecordingSink>(
      [](auto) -> std::optional<Error> { return Error{.code = ErrorCode::io, .message = "no"}; });
  BufferedEmitter emitter(sink, {.on_trouble = [&](const Trouble&) {
                            hearing.set_value();
                            std::this_thread::sleep_for(50ms);
                            heard = true;
                          }});
  ASSERT_TRUE(emitter.start());
  emitter.emit(tool_call());
  hearing.get_future().wait();
  EXPECT_FALSE(emitter.close(1ms));
  EXPECT_TRUE(heard);
}

TEST(BufferedEmitterTrouble, AnObserverThatHangsDoesNotHoldUpClose) {
  const auto gate = std::make_shared<Gate>();
  auto sink = std::make_shared<RecordingSink>(
      [](auto) -> std::optional<Error> { return Error{.code = ErrorCode::io, .message = "no"}; });
  const std::weak_ptr<RecordingSink> watched = sink;
  {
    BufferedEmitter emitter(sink, {.on_trouble = [gate](const Trouble&) { gate->pass(); }});
    ASSERT_TRUE(emitter.start());
    emitter.emit(tool_call());
    gate->wait_for_visitor();
    EXPECT_FALSE(emitter.close(1ms));
  }
  sink.reset();
  gate->open();
  while (!watched.expired()) std::this_thread::yield();
}

}  // namespace
}  // namespace agentaudit
