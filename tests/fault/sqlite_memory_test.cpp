// SQLite that runs out of memory at any of its allocations: the call fails or does its work,
// nothing is stored in part, and the next call works. A program of its own: what SQLite
// allocates with is chosen before its first use.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

// How many allocations go well before `failing_` fail; negative: all do. One thread uses
// SQLite here.
std::int64_t until_failure = -1;
std::int64_t failing = 0;
sqlite3_mem_methods real;

bool fails() {
  if (until_failure < 0) return false;
  if (until_failure > 0) {
    --until_failure;
    return false;
  }
  if (failing-- > 0) return true;
  until_failure = -1;
  return false;
}

class SqliteMemoryTest : public SqliteTrail {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(sqlite3_shutdown(), SQLITE_OK);
    ASSERT_EQ(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real), SQLITE_OK);
    static sqlite3_mem_methods counting;
    counting = real;
    counting.xMalloc = [](int bytes) { return fails() ? nullptr : real.xMalloc(bytes); };
    counting.xRealloc = [](void* memory, int bytes) {
      return fails() ? nullptr : real.xRealloc(memory, bytes);
    };
    ASSERT_EQ(sqlite3_config(SQLITE_CONFIG_MALLOC, &counting), SQLITE_OK);
    // Memory that SQLite sets aside would be handed out without asking.
    ASSERT_EQ(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
    ASSERT_EQ(sqlite3_initialize(), SQLITE_OK);
  }

  // Does `work` with `failures` allocations failing from the n-th on, for every n, until it
  // needs no more than that many. Says how often it failed.
  int fail_each(std::int64_t failures, const std::function<bool()>& work,
                const std::function<void(bool done)>& check) {
    int failed = 0;
    for (std::int64_t n = 0; n < 20'000; ++n) {
      until_failure = n;
      failing = failures;
      const bool done = work();
      const bool ran_out = until_failure <= 0;
      until_failure = -1;
      if (!done) ++failed;
      check(done);
      if (HasFatalFailure() || !ran_out) break;
    }
    return failed;
  }

  static constexpr std::int64_t for_good = 1'000'000'000;
};

TEST_F(SqliteMemoryTest, ABatchIsStoredWholeOrNotAtAll) {
  const auto store = open();
  const std::vector<Event> events(3, event_at(at(1)));
  const std::vector<EventView> batch(events.begin(), events.end());
  std::int64_t stored = 0;
  for (const std::int64_t failures : {std::int64_t{1}, for_good}) {
    fail_each(
        failures, [&] { return store->insert_batch(batch).has_value(); },
        [&](bool done) {
          if (done) stored += 3;
          const auto page = store->list({});
          ASSERT_TRUE(page) << page.error().message;
          ASSERT_EQ(page->total, stored);
        });
  }
  const auto after = store->insert(events.front());
  EXPECT_TRUE(after) << after.error().message;
  EXPECT_TRUE(store->check({}));
  EXPECT_EQ(store->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(SqliteMemoryTest, AStoreOpensOrSaysWhyNot) {
  append(*open(), 100);
  int refused = 0;
  for (const std::int64_t failures : {std::int64_t{1}, for_good}) {
    std::shared_ptr<SqliteStore> store;
    refused += fail_each(
        failures,
        [&] {
          auto opened = SqliteStore::open(path_);
          store = opened ? *opened : nullptr;
          return opened.has_value();
        },
        [&](bool done) {
          if (done) {
            ASSERT_TRUE(store->insert(event_at(at(1))));
          }
          store.reset();
        });
  }
  EXPECT_GT(refused, 10);
  EXPECT_TRUE(open()->check({}));
}

TEST_F(SqliteMemoryTest, AQuestionFailsOrHasItsAnswer) {
  const auto store = open({.query_threads = 1});
  append(*store, 500);
  const ListOpts question{.agents = {"researcher"}, .search = "read_file", .limit = 7};
  const auto expected = store->list(question);
  ASSERT_TRUE(expected);
  // Never an answer with less in it.
  const auto list = [&] {
    const auto page = store->list(question);
    EXPECT_TRUE(!page || page->events == expected->events);
    return page.has_value();
  };
  const auto stats = [&] {
    const auto answer = store->stats({});
    EXPECT_TRUE(!answer || answer->total == 500);
    return answer.has_value();
  };
  const auto verify = [&] {
    const auto report = store->verify({}, {});
    EXPECT_TRUE(!report || report->verdict == Verdict::intact);
    return report.has_value();
  };
  for (const std::function<bool()>& ask : {std::function<bool()>(list), {stats}, {verify}}) {
    for (const std::int64_t failures : {std::int64_t{1}, for_good}) {
      fail_each(failures, ask, [&](bool /*done*/) {
        const auto answer = store->list(question);
        ASSERT_TRUE(answer) << answer.error().message;
        ASSERT_EQ(answer->events, expected->events);
      });
    }
  }
}

TEST_F(SqliteMemoryTest, APruneDoesItsWorkOrIsFinishedByTheNext) {
  append(*open(), 300);
  fail_each(
      1,
      [&] {
        const auto store = SqliteStore::open(path_);
        return store && (*store)->prune_before(at(100));
      },
      [&](bool /*done*/) {});
  const auto store = open();
  ASSERT_TRUE(store->prune_before(at(100)));
  EXPECT_EQ(store->list({.categories = {"tool_call"}})->total, 201);
  EXPECT_TRUE(store->check({}));
  EXPECT_EQ(store->verify({}, {})->verdict, Verdict::intact);
}

}  // namespace
}  // namespace agentaudit
