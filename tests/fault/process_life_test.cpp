// What a process does to itself while it records: threads by the thousand, signals in a
// storm, abort, exceptions.

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/time.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "agentaudit/emit/buffered_emitter.h"
#include "agentaudit/emit/span.h"
#include "store/forked_child.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;

class ProcessLifeTest : public SqliteTrail {};

TEST_F(ProcessLifeTest, AThousandThreadsOfferAMillionEventsAndEachIsCountedOnce) {
  constexpr int threads = 1'000;
  constexpr int emits = 1'000;
  const auto store = open();
  BufferedEmitter emitter(store, {.capacity_events = 20'000});
  ASSERT_TRUE(emitter.start());
  std::atomic<std::int64_t> accepted = 0;
  // Small stacks: a thousand at once.
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256U << 10U);
  struct Shared {
    BufferedEmitter& emitter;
    std::atomic<std::int64_t>& accepted;
  } shared{emitter, accepted};
  std::vector<pthread_t> running(threads);
  for (pthread_t& thread : running) {
    const auto emit_all = [](void* given) -> void* {
      auto& [to, count] = *static_cast<Shared*>(given);
      const Event event = event_at(at(1));
      for (int i = 0; i < emits; ++i) {
        if (to.emit(event) == Emitted::accepted) ++count;
      }
      return nullptr;
    };
    ASSERT_EQ(pthread_create(&thread, &attributes, emit_all, &shared), 0);
  }
  pthread_attr_destroy(&attributes);
  for (const pthread_t thread : running) pthread_join(thread, nullptr);
  ASSERT_TRUE(emitter.close(60s));
  const EmitterCounters counters = emitter.counters();
  EXPECT_EQ(counters.offered, threads * emits);
  EXPECT_EQ(counters.accepted, accepted);
  EXPECT_EQ(counters.accepted + counters.dropped, counters.offered);
  EXPECT_EQ(counters.durable, accepted);
  EXPECT_EQ(counters.losses_recorded, counters.dropped);
  EXPECT_EQ(store->list({.categories = {"tool_call"}})->total, accepted);
}

std::atomic<std::int64_t> signals_heard = 0;

TEST_F(ProcessLifeTest, AStormOfSignalsInterruptsNothing) {
  ForkedChild child([&] {
    struct sigaction action{};
    action.sa_handler = [](int) { ++signals_heard; };
    sigaction(SIGALRM, &action, nullptr);  // without SA_RESTART: calls are interrupted
    const itimerval often{.it_interval = {.tv_sec = 0, .tv_usec = 100},
                          .it_value = {.tv_sec = 0, .tv_usec = 100}};
    setitimer(ITIMER_REAL, &often, nullptr);
    const auto store = SqliteStore::open(path_);
    if (!store) return 1;
    BufferedEmitter emitter(*store, {.flush_interval = 1ms});
    if (!emitter.start()) return 2;
    for (int i = 0; i < 500; ++i) {
      emitter.emit(event_at(at(i)));
      if (i % 20 == 0 && !emitter.flush(20s)) return 3;
      if (!(*store)->insert(event_at(at(i)))) return 4;
      if (!(*store)->list({.limit = 5})) return 5;
    }
    if (!emitter.close(20s) || emitter.counters().write_failures > 0) return 6;
    return signals_heard > 0 ? 0 : 7;
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(open()->list({})->total, 1'000);
  EXPECT_TRUE(open()->check({}));
}

TEST_F(ProcessLifeTest, WhatWasFlushedSurvivesAnAbort) {
  ForkedChild child([&] {
    const auto store = SqliteStore::open(path_);
    if (!store) return 1;
    BufferedEmitter emitter(*store);
    if (!emitter.start()) return 2;
    for (int i = 0; i < 100; ++i) emitter.emit(event_at(at(i)));
    if (!emitter.flush(20s)) return 3;
    std::signal(SIGABRT, SIG_DFL);
    std::abort();
  });
  EXPECT_EQ(child.wait(), -SIGABRT);
  EXPECT_EQ(open()->list({})->total, 100);
}

TEST_F(ProcessLifeTest, AnExceptionThroughSpansLeavesNoIntentOpen) {
  const auto store = open();
  {
    BufferedEmitter emitter(store);
    ASSERT_TRUE(emitter.start());
    Event intent = event_at({}, "write a file");
    try {
      const Span outer(emitter, intent);
      const Span inner(emitter, intent);
      throw std::runtime_error("the disk of the tool is full");
    } catch (const std::runtime_error&) {
    }
    ASSERT_TRUE(emitter.close(20s));
  }
  EXPECT_EQ(store->open_intents({}, {})->total, 0);
  EXPECT_EQ(store->list({.statuses = {"error"}})->total, 2);
  EXPECT_EQ(store->list({.statuses = {"pending"}})->total, 2);
}

}  // namespace
}  // namespace agentaudit
