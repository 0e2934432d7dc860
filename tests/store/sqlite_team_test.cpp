// A question on several threads answers as it does on one.

#include "store/sqlite_team.h"

#include <set>

#include "store/sqlite_conversations.h"
#include "store/sqlite_groups.h"
#include "store/sqlite_list.h"
#include "store/sqlite_question.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_seal_trail.h"
#include "store/sqlite_stats.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

class SqliteTeamTest : public SqliteSealTrail {
 protected:
  void SetUp() override {
    store_ = open();
    fill(*store_, chunk_events * 4 + 1'000);
  }

  std::unique_ptr<ReadingConnection> reading() { return ReadingConnection::make(raw()).value(); }

  std::shared_ptr<SqliteTeam> team(std::size_t size) {
    return std::make_shared<SqliteTeam>(
        [this]() -> Result<SqliteConnection> {
          return SqliteConnection::open(path_, SqliteConnection::Mode::read_only,
                                        std::chrono::seconds(5));
        },
        size, SqliteTeam::Worth{.columns = 1, .rows = 1});
  }

  // A reader that never works alone.
  std::unique_ptr<ReadingConnection> reading_in_a_team() {
    auto made = reading();
    made->reader->set_team(team(3));
    return made;
  }

  std::shared_ptr<SqliteStore> store_;
};

TEST_F(SqliteTeamTest, ListsAreThoseOfOne) {
  ASSERT_TRUE(store_->prune_before(at(200)));
  const auto alone = reading();
  const auto together = reading_in_a_team();
  const std::vector<ListOpts> questions = {
      {},
      {.agents = {"agent-1", "agent-6"}, .search = "step 1"},
      {.search = "needle"},
      {.search = "no such text"},
      {.statuses = {"error", "denied"}, .offset = 20},
      {.offset = 40'000},
      {.trace_id = "run 7"},
      {.search = "SRC/file_26", .since = at(9'000), .until = at(25'000)},
  };
  for (ListOpts opts : questions) {
    SCOPED_TRACE(opts.search);
    opts.limit = 50;
    opts.total = TotalMode::exact;
    for (const Order order : {Order::newest_first, Order::oldest_first, Order::commit}) {
      opts.order = order;
      const auto expected = sqlite_list(*alone->reader, opts, {}).value();
      const auto answer = sqlite_list(*together->reader, opts, {}).value();
      EXPECT_EQ(answer.events, expected.events);
      EXPECT_EQ(answer.total, expected.total);
      EXPECT_EQ(answer.next_cursor, expected.next_cursor);
    }
  }
}

TEST_F(SqliteTeamTest, StatsGroupsAndConversationsAreThoseOfOne) {
  ASSERT_TRUE(store_->prune_before(at(200)));
  const auto alone = reading();
  const auto together = reading_in_a_team();
  for (const int buckets : {0, 1, 7, 60, 1'000}) {
    StatsOpts opts{.exclude_sources = {"hook"}, .now = at(30'000), .histogram_buckets = buckets};
    EXPECT_EQ(sqlite_stats(*together->reader, opts).value(),
              sqlite_stats(*alone->reader, opts).value());
    opts.exclude_sources.clear();
    EXPECT_EQ(sqlite_stats(*together->reader, opts).value(),
              sqlite_stats(*alone->reader, opts).value());
  }
  for (const GroupBy by : {GroupBy::agent, GroupBy::target, GroupBy::conversation}) {
    const GroupsOpts opts{.by = by};
    EXPECT_EQ(sqlite_groups(*together->reader, opts).value(),
              sqlite_groups(*alone->reader, opts).value());
  }
  EXPECT_EQ(sqlite_conversations(*together->reader, {})->conversations,
            sqlite_conversations(*alone->reader, {})->conversations);
}

// Readers that kept nothing from a question before, so that the lead is no faster than the others.
TEST_F(SqliteTeamTest, WhatSeveralFindOfTheSameIsPutTogether) {
  std::vector<Event> events;
  for (std::int64_t i = 0; i < 5'000; ++i) {
    Event& event = events.emplace_back(event_at(at(100'000 + i)));
    event.agent = numbered("agent-", i % 9);
    event.status = status::all[static_cast<std::size_t>(i % 4)];
    event.conversation_id = numbered("everywhere-", i % 3);
  }
  const std::vector<EventView> views(events.begin(), events.end());
  for (int i = 0; i < 13; ++i) ASSERT_TRUE(store_->insert_batch(views));
  const auto expected = sqlite_conversations(*reading()->reader, {.limit = 3}).value();
  ASSERT_EQ(expected.conversations.size(), 3U);
  for (const Conversation& conversation : expected.conversations) {
    EXPECT_TRUE(conversation.conversation_id.starts_with("everywhere-"));
    EXPECT_EQ(conversation.agents.size(), 3U);
    EXPECT_NEAR(static_cast<double>(conversation.events), 13 * 5'000 / 3.0, 13);
  }
  const auto page = sqlite_list(*reading()->reader, {.limit = 50, .offset = 60'000}, {}).value();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sqlite_conversations(*reading_in_a_team()->reader, {.limit = 3})->conversations,
              expected.conversations);
    EXPECT_EQ(
        sqlite_list(*reading_in_a_team()->reader, {.limit = 50, .offset = 60'000}, {})->events,
        page.events);
  }
}

TEST_F(SqliteTeamTest, EveryChunkIsLookedAtOnce) {
  const auto together = reading_in_a_team();
  auto transaction = SqliteTransaction::begin_read(together->connection).value();
  auto question = SqliteQuestion::open(*together->reader).value();
  ASSERT_TRUE(question.read_tail());
  std::array<std::multiset<EventId>, 3> seen;
  const auto chunks = question.candidates({});
  ASSERT_TRUE(question.for_each_chunk(
      chunks, 3, [&](SqliteQuestion& /*asked*/, const Chunk& chunk, std::size_t worker) {
        seen[worker].insert(chunk.first_id);
        return Result<bool>(true);
      }));
  std::multiset<EventId> all;
  for (auto& of_worker : seen) all.merge(of_worker);
  EXPECT_EQ(all, (std::multiset<EventId>{1, chunk_events + 1, chunk_events * 2 + 1,
                                         chunk_events * 3 + 1, chunk_events * 4 + 1}));
}

TEST_F(SqliteTeamTest, TheFirstErrorEndsTheWorkOfAll) {
  const auto together = reading_in_a_team();
  auto transaction = SqliteTransaction::begin_read(together->connection).value();
  auto question = SqliteQuestion::open(*together->reader).value();
  const auto chunks = question.candidates({});
  const auto done = question.for_each_chunk(
      chunks, 3, [&](SqliteQuestion& /*asked*/, const Chunk& chunk, std::size_t /*worker*/) {
        if (chunk.first_id == 1) return Result<bool>(fail(ErrorCode::corrupt, "the first"));
        return Result<bool>(true);
      });
  EXPECT_EQ(error_code(done), ErrorCode::corrupt);
}

TEST_F(SqliteTeamTest, WhatIsAppendedMeanwhileDoesNotDisturb) {
  const auto lead = reading();
  auto transaction = SqliteTransaction::begin_read(lead->connection).value();
  ASSERT_TRUE(SqliteQuestion::open(*lead->reader));
  append(*store_, chunk_events);
  EXPECT_EQ(team(3)->join(*lead->reader, 2).size(), 2U);
}

TEST_F(SqliteTeamTest, NobodyJoinsWhoSeesDeletionsThatTheLeadDoesNotSee) {
  const auto lead = reading();
  auto transaction = SqliteTransaction::begin_read(lead->connection).value();
  ASSERT_TRUE(SqliteQuestion::open(*lead->reader));
  ASSERT_TRUE(store_->prune_before(at(200)));
  EXPECT_EQ(team(3)->join(*lead->reader, 2).size(), 0U);
}

TEST_F(SqliteTeamTest, AStopEndsTheWorkOfAll) {
  const auto together = reading_in_a_team();
  std::stop_source stop;
  stop.request_stop();
  together->connection.limit(stop.get_token(), {});
  EXPECT_EQ(error_code(sqlite_list(*together->reader, {.search = "e"}, {})), ErrorCode::cancelled);
}

TEST_F(SqliteTeamTest, AStoreTakesAsManyThreadsAsItMay) {
  EXPECT_EQ(error_code(SqliteStore::open(path_, {.query_threads = -1})),
            ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(SqliteStore::open(path_, {.query_threads = 17})),
            ErrorCode::invalid_argument);
  for (const int threads : {0, 1, 3, 16}) {
    const auto store = open({.read_only = true, .query_threads = threads});
    EXPECT_EQ(store->list({.search = "needle", .total = TotalMode::exact})->total, 11);
  }
}

}  // namespace
}  // namespace agentaudit
