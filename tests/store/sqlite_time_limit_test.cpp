// What a question answers when its time is up.

#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;
using std::chrono::milliseconds;

class SqliteTimeLimitTest : public SqliteTrail {
 protected:
  // Without a sealed chunk, so that every question has rows to read for longer than 1 ms.
  void fill() {
    append(*open(), chunk_events * 2);
    ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                    .exec("UPDATE chunks SET bounds = NULL; DELETE FROM columns"));
  }

  template <typename T>
  static void expect_late(const Result<T>& answer) {
    ASSERT_EQ(error_code(answer), ErrorCode::deadline);
    EXPECT_EQ(answer.error().message,
              "the question took longer than 1 ms; narrow it by time, agent or conversation, or "
              "give it more time");
  }
};

TEST_F(SqliteTimeLimitTest, EveryQuestionSaysWhichLimitItPassedAndWhatToDo) {
  fill();
  const auto store = open({.read_only = true, .query_timeout = milliseconds(1)});
  expect_late(store->list({.agents = {"nobody"}}));
  expect_late(store->list({.agents = {"researcher"}, .total = TotalMode::exact}));
  expect_late(store->list({.search = "read_file", .total = TotalMode::exact}));
  expect_late(store->stats({.histogram_buckets = 10}));
  expect_late(store->groups({}, {}));
  expect_late(store->conversations({}, {}));
  expect_late(store->open_intents({}, {}));
}

TEST_F(SqliteTimeLimitTest, WhoIsLateCanAskAgain) {
  fill();
  const auto store = open({.read_only = true, .query_timeout = milliseconds(1)});
  expect_late(store->stats({}));
  EXPECT_TRUE(store->get(1));
  expect_late(store->stats({}));
}

TEST_F(SqliteTimeLimitTest, WithoutALimitAQuestionTakesItsTime) {
  fill();
  const auto store = open({.read_only = true, .query_timeout = milliseconds(0)});
  EXPECT_EQ(store->stats({})->total, chunk_events * 2);
}

TEST_F(SqliteTimeLimitTest, AnExactTotalIsExactOrAnErrorNeverLess) {
  append(*open(), chunk_events * 4);
  for (milliseconds limit{1};; limit *= 2) {
    const auto store = open({.read_only = true, .query_timeout = limit});
    const auto page = store->list({.search = "read_file", .limit = 1, .total = TotalMode::exact});
    if (!page) {
      ASSERT_EQ(error_code(page), ErrorCode::deadline);
      continue;
    }
    EXPECT_TRUE(page->total_exact);
    EXPECT_EQ(page->total, chunk_events * 4);
    return;
  }
}

TEST_F(SqliteTimeLimitTest, ASearchWhosePageIsFoundInTimeGivesItWithALowerBound) {
  append(*open(), chunk_events * 4);
  // From the least time that is enough for the page: it is not enough for the rest.
  for (milliseconds limit{1};; limit += milliseconds(1)) {
    const auto store = open(
        {.read_only = true, .query_timeout = limit, .search_total_budget = std::chrono::hours(1)});
    const auto page = store->list({.search = "read_file", .limit = 3});
    if (!page) {
      ASSERT_EQ(error_code(page), ErrorCode::deadline);
      continue;
    }
    EXPECT_EQ(page->events.size(), 3U);
    if (page->total_exact) GTEST_SKIP() << "the machine paused and then counted all in 1 ms";
    EXPECT_GE(page->total, 3);
    EXPECT_LT(page->total, chunk_events * 4);
    return;
  }
}

}  // namespace
}  // namespace agentaudit
