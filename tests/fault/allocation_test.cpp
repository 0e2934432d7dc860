// Memory that runs out at any allocation: the call fails or does its work, nothing is stored
// in part, and the next call works. A program of its own: it replaces operator new.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "agentaudit/emit/buffered_emitter.h"
#include "ledger/note_signer.h"
#include "server/api.h"
#include "server/test_client.h"
#include "server/test_server.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace {

// How many allocations of this thread go well before one fails; negative: all do.
thread_local std::int64_t until_failure = -1;

// Of the threads but the test's own, each so-many-th allocation fails; 0: none.
std::atomic<int> failing_beside = 0;
std::atomic<int> allocated_beside = 0;
thread_local bool is_test = false;

void* allocate(std::size_t bytes) {
  if (until_failure >= 0 && until_failure-- == 0) throw std::bad_alloc();
  if (const int each = failing_beside; each > 0 && !is_test) {
    if (allocated_beside++ % each == 0) throw std::bad_alloc();
  }
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Not inlined, or the compiler takes malloc and free for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t bytes) { return allocate(bytes); }
[[gnu::noinline]] void* operator new[](std::size_t bytes) { return allocate(bytes); }
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return std::malloc(bytes == 0 ? 1 : bytes);
}
[[gnu::noinline]] void* operator new[](std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return std::malloc(bytes == 0 ? 1 : bytes);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t /*bytes*/) noexcept {
  std::free(memory);
}

namespace agentaudit {
namespace {

using namespace std::chrono_literals;
using test_http::TestClient;

class AllocationTest : public SqliteTrail {
 protected:
  // Does `work` with the n-th allocation failing, for every n, until it needs no more than
  // that many. Whether it did its work is its answer; `check` is told.
  static void fail_each(const std::function<bool()>& work,
                        const std::function<void(std::optional<bool> done)>& check) {
    int failures = 0;
    for (std::int64_t n = 0; n < 20'000; ++n) {
      std::optional<bool> done;
      until_failure = n;
      try {
        done = work();
      } catch (const std::bad_alloc&) {
        ++failures;
      }
      const bool ran_out = until_failure < 0;
      until_failure = -1;
      check(done);
      if (HasFatalFailure()) return;
      if (!ran_out) break;
    }
    RecordProperty("failures", failures);
  }
};

TEST_F(AllocationTest, ABatchIsStoredWholeOrNotAtAll) {
  const auto store = open();
  std::int64_t stored = 0;
  // Few and many: of many, another thread makes the leaves.
  for (const std::int64_t size : {3, 100}) {
    const std::vector<Event> events(static_cast<std::size_t>(size), event_at(at(1)));
    const std::vector<EventView> batch(events.begin(), events.end());
    const std::int64_t before = stored;
    fail_each([&] { return store->insert_batch(batch).has_value(); },
              [&](std::optional<bool> done) {
                ASSERT_TRUE(done) << "an exception crossed the API";
                if (*done) stored += size;
                ASSERT_EQ(store->list({})->total, stored);
              });
    EXPECT_GT(stored, before);
  }
  EXPECT_TRUE(store->insert(event_at(at(1))));
  EXPECT_TRUE(store->check({}));
  EXPECT_EQ(store->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(AllocationTest, AQuestionThatFailsLeavesTheNextOneItsAnswer) {
  const auto store = open();
  append(*store, 500);
  const ListOpts question{.agents = {"researcher"}, .search = "read_file", .limit = 7};
  const auto expected = store->list(question);
  ASSERT_TRUE(expected);
  fail_each([&] { return store->list(question).has_value(); },
            [&](std::optional<bool> /*done*/) {
              const auto answer = store->list(question);
              ASSERT_TRUE(answer) << answer.error().message;
              ASSERT_EQ(answer->events, expected->events);
              ASSERT_EQ(answer->total, expected->total);
            });
  fail_each([&] { return store->stats({}).has_value(); },
            [&](std::optional<bool> /*done*/) { ASSERT_EQ(store->stats({})->total, 500); });
}

TEST_F(AllocationTest, AnErrorMeansThatNothingIsStoredThoughMoreIsDoneBesideTheBatch) {
  SqliteStoreOptions options;
  options.signing_key = *NoteSigner::generate("own.example").value().private_text();
  options.checkpoint_directory = scratch_ / "checkpoints";
  // The end of a chunk is near: batches of a writer that lives briefly seal beside it.
  append(*open(), 2 * sqlite_schema::chunk_events - 100);
  const std::vector<Event> events(3, event_at(at(1)));
  const std::vector<EventView> batch(events.begin(), events.end());
  std::int64_t stored = open()->list({})->total;
  std::shared_ptr<SqliteStore> store;
  fail_each(
      [&] {
        // A store that was just opened signs with its first batch.
        const std::int64_t n = std::exchange(until_failure, -1);
        store = open(options);
        until_failure = n;
        return store->insert_batch(batch).has_value();
      },
      [&](std::optional<bool> done) {
        ASSERT_TRUE(done) << "an exception crossed the API";
        if (*done) stored += 3;
        ASSERT_EQ(store->list({})->total, stored);
      });
  EXPECT_TRUE(store->check({}));
  EXPECT_EQ(store->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(AllocationTest, TheEmittersThreadGoesOnWhereItRunsOutOfMemory) {
  BufferedEmitterOptions options;
  options.capacity_events = 50;
  options.flush_interval = 1ms;
  options.retry_rest_max = 5ms;
  BufferedEmitter emitter(open(), options);
  ASSERT_TRUE(emitter.start());
  const Event event = event_at(at(1));
  is_test = true;
  for (const int each : {1, 2, 7, 50}) {
    failing_beside = each;
    for (int i = 0; i < 300; ++i) {
      emitter.emit(event);
      if (i % 3 == 0) std::this_thread::sleep_for(200us);
    }
    failing_beside = 0;
    EXPECT_TRUE(emitter.flush(20s));
  }
  is_test = false;
  ASSERT_TRUE(emitter.close(20s));
  const EmitterCounters counters = emitter.counters();
  EXPECT_GT(counters.write_failures, 0);
  EXPECT_GT(counters.dropped, 0);
  EXPECT_EQ(counters.offered, counters.accepted + counters.dropped);
  EXPECT_EQ(counters.durable, counters.accepted);
  EXPECT_EQ(counters.losses_recorded, counters.dropped);
  EXPECT_EQ(open()->list({.categories = {"tool_call"}})->total, counters.accepted);
}

TEST_F(AllocationTest, TheDaemonGoesOnWhereItsThreadsRunOutOfMemory) {
  is_test = true;
  const auto store = open();
  append(*store, 2'000);
  std::int64_t stored = 2'000;
  {
    Api api(store, {});
    const test_http::TestServer server(
        [&](const HttpRequest& request) { return api.handle(request); });
    const std::uint16_t port = server.port();
    TestClient follower(port);
    follower.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::vector<std::string> questions = {
        "/api/v1/audit?limit=500", "/api/v1/audit?search=sqlite_store&limit=3",
        "/api/v1/audit/stats", "/api/v1/audit/export?format=csv"};
    // Once before: simdjson chooses its code for this processor, and has to have memory for that.
    ASSERT_EQ(TestClient(port)
                  .ask("POST", "/api/v1/audit", "Content-Type: application/json\r\n",
                       R"([{"category":"llm"},{"category":"skill"}])")
                  .status,
              201);
    stored += 2;
    int refused = 0;
    for (const int each : {1, 2, 5, 13, 40, 41, 150, 151, 400, 1'500}) {
      failing_beside = each;
      for (int i = 0; i < 40; ++i) {
        const int status = TestClient(port)
                               .ask("POST", "/api/v1/audit", "Content-Type: application/json\r\n",
                                    R"([{"category":"llm"},{"category":"skill"}])")
                               .status;
        // 0: there was not even memory for the request.
        EXPECT_TRUE(status == 201 || status == 503 || status == 0) << status;
        if (status == 201) stored += 2;
        if (status == 503) ++refused;
        (void)TestClient(port).ask("GET",
                                   questions[static_cast<std::size_t>(i) % questions.size()]);
      }
      failing_beside = 0;
      EXPECT_EQ(TestClient(port).ask("GET", "/healthz").status, 200);
      EXPECT_EQ(TestClient(port).ask("GET", questions.front()).status, 200);
    }
    EXPECT_GT(refused, 0);
    api.stop();
  }
  // An answer may be lost after its commit.
  EXPECT_GE(store->list({})->total, stored);
  EXPECT_EQ(store->list({})->total % 2, 0);
  EXPECT_TRUE(store->check({}));
  EXPECT_EQ(store->verify({}, {})->verdict, Verdict::intact);
  is_test = false;
}

TEST_F(AllocationTest, EmitCountsWhatItCannotTake) {
  const auto store = open();
  BufferedEmitter emitter(store);
  ASSERT_TRUE(emitter.start());
  const Event event = event_at(at(1));
  std::int64_t accepted = 0;
  std::int64_t offered = 0;
  fail_each([&] { return emitter.emit(event) == Emitted::accepted; },
            [&](std::optional<bool> done) {
              ASSERT_TRUE(done) << "emit threw";
              ++offered;
              if (*done) ++accepted;
            });
  ASSERT_TRUE(emitter.close(20s));
  EXPECT_EQ(emitter.counters().offered, offered);
  EXPECT_EQ(emitter.counters().accepted, accepted);
  EXPECT_EQ(emitter.counters().durable, accepted);
}

}  // namespace
}  // namespace agentaudit
