// Chunks: their rows stay true, and questions read no more than they need.

#include "store/bytes_read.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

class SqliteChunkTest : public SqliteTrail {
 protected:
  std::string chunk_rows() {
    return raw()
        .text(
            "SELECT group_concat(printf('%d %d %d %d', chunk, events, min_timestamp / 1000000000,"
            " max_timestamp / 1000000000), ', ') FROM chunks")
        .value();
  }
};

TEST_F(SqliteChunkTest, TheRowIsWrittenWithTheLastIdOfTheChunk) {
  const auto store = open();
  append(*store, chunk_events - 1);
  EXPECT_EQ(chunk_rows(), "");
  append(*store, 1, chunk_events);
  EXPECT_EQ(chunk_rows(), "0 16128 1 16128");
  append(*store, 1, 7);
  EXPECT_EQ(chunk_rows(), "0 16128 1 16128");
  EXPECT_TRUE(store->check({}));
  EXPECT_EQ(store->list({})->total, chunk_events + 1);
}

TEST_F(SqliteChunkTest, WritersInTurnCompleteTheSameChunk) {
  const auto first = open();
  const auto second = open();
  for (std::int64_t i = 0; i < 7; ++i) append(i % 2 == 0 ? *first : *second, 5'000, i * 5'000 + 1);
  EXPECT_EQ(chunk_rows(), "0 16128 1 16128, 1 16128 16129 32256");
  EXPECT_TRUE(first->check({}));
}

TEST_F(SqliteChunkTest, ABatchMayEndSeveralChunksBehindOneAnother) {
  const auto store = open();
  append(*store, chunk_events * 2 + 10);
  EXPECT_EQ(chunk_rows(), "0 16128 1 16128, 1 16128 16129 32256");
}

TEST_F(SqliteChunkTest, PruneKeepsTheRowsTrue) {
  const auto store = open();
  append(*store, chunk_events * 2 + 10);
  ASSERT_TRUE(store->insert(event_at(at(5))));  // late, in the tail
  EXPECT_EQ(store->prune_before(at(chunk_events + 101)).value(), chunk_events + 101);
  EXPECT_EQ(chunk_rows(), "1 16028 16229 32256");
  EXPECT_TRUE(store->check({}));
  EXPECT_EQ(store->list({})->total, chunk_events - 100 + 10 + 1);
  const ListResult oldest = store->list({.limit = 1, .order = Order::oldest_first}).value();
  EXPECT_EQ(oldest.events.at(0).timestamp, at(chunk_events + 101));
}

// The prune's own record comes before the last event.
TEST_F(SqliteChunkTest, WhatIsPrunedFromTheOpenChunkIsNotCountedInItsRow) {
  for (const bool by_another : {false, true}) {
    SCOPED_TRACE(by_another);
    path_ = scratch_ / (by_another ? "another.db" : "itself.db");
    const auto writer = open();
    append(*writer, chunk_events - 2);
    const auto other = open();
    ASSERT_EQ((by_another ? other : writer)->prune_before(at(101)).value(), 100);
    EXPECT_EQ(chunk_rows(), "");
    append(*writer, 1, chunk_events);
    EXPECT_EQ(
        raw().text("SELECT events || ' ' || (min_timestamp / 1000000000) FROM chunks").value(),
        "16028 101");
    EXPECT_TRUE(writer->check({}));
  }
}

TEST_F(SqliteChunkTest, ATailThatIsPrunedWholeIsFollowedByTheNextIds) {
  const auto store = open();
  append(*store, 100);
  EXPECT_EQ(store->prune_before(at(1'000)).value(), 100);
  append(*store, chunk_events - 101);
  EXPECT_EQ(raw().integer("SELECT events FROM chunks WHERE chunk = 0"), chunk_events - 100);
  EXPECT_TRUE(store->check({}));
}

TEST_F(SqliteChunkTest, LateEventsInOldChunksComeOutInOrder) {
  const auto store = open();
  append(*store, chunk_events, 1'000'000);  // the first chunk is the newest
  append(*store, chunk_events, 1'000);      // the second the oldest
  append(*store, 100, 500'000);             // the tail between
  const auto times = [&](Order order) {
    std::vector<std::int64_t> seconds;
    std::string cursor;
    while (seconds.size() < chunk_events + 200) {
      const ListResult page =
          store->list({.limit = 1'000, .cursor = cursor, .order = order, .total = TotalMode::none})
              .value();
      for (const Event& event : page.events)
        seconds.push_back(event.timestamp.ns() / 1'000'000'000);
      cursor = page.next_cursor;
    }
    return seconds;
  };
  const auto newest = times(Order::newest_first);
  EXPECT_TRUE(std::is_sorted(newest.rbegin(), newest.rend()));
  EXPECT_EQ(newest[chunk_events], 500'099);
  const auto oldest = times(Order::oldest_first);
  EXPECT_TRUE(std::is_sorted(oldest.begin(), oldest.end()));
  EXPECT_EQ(oldest[chunk_events], 500'000);
}

TEST_F(SqliteChunkTest, EqualTimesAreOrderedByIdAcrossChunks) {
  const auto store = open();
  const Event event = event_at(at(5));
  const std::vector<EventView> batch(chunk_events / 2, event);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store->insert_batch(batch));
  const ListResult newest = store->list({.limit = 1}).value();
  EXPECT_EQ(newest.events.at(0).id, chunk_events / 2 * 5);
  const ListResult oldest = store->list({.limit = 1, .order = Order::oldest_first}).value();
  EXPECT_EQ(oldest.events.at(0).id, 1);
  EXPECT_EQ(store->list({.limit = 1, .offset = chunk_events})->events.at(0).id,
            chunk_events / 2 * 5 - chunk_events);
}

TEST_F(SqliteChunkTest, TotalsOverARangeOfTimeAreExactAcrossChunks) {
  const auto store = open();
  append(*store, chunk_events * 2 + 500);
  const auto total = [&](std::int64_t since, std::int64_t until) {
    return store->list({.since = at(since), .until = at(until), .limit = 1})->total;
  };
  EXPECT_EQ(total(1, chunk_events), chunk_events);
  EXPECT_EQ(total(2, chunk_events + 1), chunk_events);
  EXPECT_EQ(total(chunk_events * 2, 99'999), 501);
  EXPECT_EQ(total(77'777, 99'999), 0);
}

TEST_F(SqliteChunkTest, CheckFindsARowThatIsWrongAndOneThatIsMissing) {
  const auto store = open();
  append(*store, chunk_events * 2 + 5);
  ASSERT_TRUE(store->check({}));
  SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
  ASSERT_TRUE(connection.exec("UPDATE chunks SET events = 7 WHERE chunk = 1"));
  EXPECT_EQ(error_code(store->check({})), ErrorCode::corrupt);
  ASSERT_TRUE(connection.exec("UPDATE chunks SET events = 16128 WHERE chunk = 1"));
  ASSERT_TRUE(store->check({}));
  ASSERT_TRUE(connection.exec("UPDATE chunks SET min_timestamp = max_timestamp WHERE chunk = 0"));
  EXPECT_EQ(error_code(store->check({})), ErrorCode::corrupt);
  ASSERT_TRUE(connection.exec("DELETE FROM chunks WHERE chunk = 0"));
  EXPECT_EQ(error_code(store->check({})), ErrorCode::corrupt);
}

TEST_F(SqliteChunkTest, CheckFindsEventsThatARowHidesBeforeTheirChunkIsComplete) {
  const auto store = open();
  append(*store, 10);
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                  .exec("INSERT INTO chunks(chunk, events, min_timestamp, max_timestamp)"
                        " VALUES (0, 4, 0, 0)"));
  const auto checked = store->check({});
  ASSERT_EQ(error_code(checked), ErrorCode::corrupt);
  EXPECT_EQ(checked.error().message, "the chunks know of 4 events of 10");
}

TEST_F(SqliteChunkTest, ARowThatCannotBeIsCorruptNotACrash) {
  const auto store = open();
  append(*store, 5);
  for (const char* chunk : {"-1", "9223372036854775807", "571957152676053"}) {
    SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
    ASSERT_TRUE(
        connection.exec("DELETE FROM chunks;"
                        "INSERT INTO chunks(chunk, events, min_timestamp, max_timestamp)"
                        " VALUES (" +
                        std::string(chunk) + ", 1, 1, 1)"));
    EXPECT_EQ(error_code(store->list({})), ErrorCode::corrupt) << chunk;
  }
}

TEST_F(SqliteChunkTest, ANewestPageDoesNotReadTheWholeTable) {
  append(*open(), 200'000);
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path_));
  ASSERT_GT(size, 50'000'000);
  const auto store = open({.read_only = true});
  const auto cost = [&](const ListOpts& opts) {
    const std::int64_t before = bytes_read();
    EXPECT_EQ(store->list(opts)->events.size(), 50U);
    return bytes_read() - before;
  };
  if (bytes_read() < 0) GTEST_SKIP() << "the kernel does not count reads here";
  // A page needs the tail and the chunks at its end, the total none of the rest.
  EXPECT_LT(cost({}), size / 4);
  EXPECT_LT(cost({.order = Order::oldest_first}), size / 4);
  EXPECT_LT(cost({.until = at(100'000)}), size / 3);
  EXPECT_LT(cost({.cursor = "100000", .order = Order::commit, .total = TotalMode::none}),
            size / 100);
  // And one that does read it all shows that the measure works.
  EXPECT_GT(cost({.search = "read_file", .total = TotalMode::exact}), size / 2);
}

TEST_F(SqliteChunkTest, ASearchGivesItsPageAtOnceAndItsTotalAsALowerBound) {
  const auto store = open({.search_total_budget = std::chrono::milliseconds(0)});
  append(*store, chunk_events + 2'000);
  const ListOpts opts{.search = "SQLITE_STORE", .limit = 10, .offset = 5};
  const ListResult page = store->list(opts).value();
  EXPECT_EQ(page.events.size(), 10U);
  EXPECT_FALSE(page.total_exact);
  EXPECT_GE(page.total, 15);
  EXPECT_LT(page.total, chunk_events + 2'000);
  ListOpts exact = opts;
  exact.total = TotalMode::exact;
  EXPECT_EQ(store->list(exact)->total, chunk_events + 2'000);
  EXPECT_TRUE(store->list(exact)->total_exact);
}

TEST_F(SqliteChunkTest, AQuestionThatTakesTooLongIsEnded) {
  append(*open(), chunk_events * 2 - 1);
  const auto store = open({.query_timeout = std::chrono::milliseconds(1)});
  EXPECT_EQ(error_code(store->list({.search = "read_file", .total = TotalMode::exact})),
            ErrorCode::deadline);
  EXPECT_EQ(error_code(store->stats({})), ErrorCode::deadline);
  EXPECT_TRUE(store->get(1));
  EXPECT_TRUE(store->check({})) << "a check takes as long as it takes";
}

}  // namespace
}  // namespace agentaudit
