// What a reader keeps between questions is what the file has.

#include "store/sqlite_chunks.h"

#include "store/sqlite_schema.h"
#include "store/sqlite_seal_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

class SqliteChunksTest : public SqliteSealTrail {
 protected:
  // What `kept` says after a refresh, and what a fresh one says.
  void expect_kept_is_fresh() {
    SqliteConnection fresh_connection = raw();
    SqliteChunks fresh;
    const auto all = state_of(fresh, fresh_connection);
    EXPECT_EQ(state_of(kept_, *connection_), all);
  }

  std::string state_of(SqliteChunks& chunks, SqliteConnection& connection) {
    auto transaction = SqliteTransaction::begin_read(connection);
    EXPECT_TRUE(chunks.refresh(connection));
    EXPECT_TRUE(chunks.read_tail(connection, 0));
    std::string state;
    for (const Chunk& chunk : chunks.chunks()) {
      const BuiltChunk* const tail = chunks.in_tail(chunk);
      // Into how many parts the tail is cut is its own affair.
      state += tail != nullptr ? events_of(chunk, *tail) : line_of(chunk);
    }
    return state;
  }

  static std::string line_of(const Chunk& chunk) {
    return std::to_string(chunk.first_id) + '-' + std::to_string(chunk.last_id) + ' ' +
           std::to_string(chunk.events) + ' ' + chunk.min_timestamp.to_string() + ' ' +
           chunk.max_timestamp.to_string() + (chunk.bounds ? " sealed" : "") +
           (chunk.has_deletions ? " deletions" : "") + '\n';
  }

  static std::string events_of(const Chunk& chunk, const BuiltChunk& tail) {
    std::string events;
    std::int64_t counted = 0;
    for (std::size_t p = 0; p < tail.positions; ++p) {
      if (tail.deleted[p]) continue;
      ++counted;
      events += std::to_string(chunk.first_id + static_cast<EventId>(p)) + ' ';
      for (std::size_t i = 0; i < tail.codes.size(); ++i) {
        events += std::to_string(tail.dictionaries[i][tail.codes[i][p]].value) + ' ';
      }
      for (const auto& numbers : tail.numbers) {
        EXPECT_GE(numbers[p], tail.bounds[&numbers - tail.numbers.data()].min);
        events += std::to_string(numbers[p]) + ' ';
      }
      events += '\n';
    }
    EXPECT_EQ(chunk.events, counted);
    return events;
  }

  bool refreshed() {
    auto transaction = SqliteTransaction::begin_read(*connection_);
    const bool anew = kept_.refresh(*connection_).value();
    return kept_.read_tail(*connection_, 0).value() || anew;
  }

  void SetUp() override {
    store_ = open();
    fill(*store_, chunk_events + 100);
    connection_ = raw();
  }

  std::shared_ptr<SqliteStore> store_;
  std::optional<SqliteConnection> connection_;
  SqliteChunks kept_;
};

TEST_F(SqliteChunksTest, NothingIsReadWhereNothingWasWritten) {
  EXPECT_TRUE(refreshed());
  EXPECT_FALSE(refreshed());
  append(*store_, 1);
  EXPECT_TRUE(refreshed());
  EXPECT_FALSE(refreshed());
}

TEST_F(SqliteChunksTest, EventsLengthenTheTailUntilItsChunkIsSealed) {
  expect_kept_is_fresh();
  std::int64_t next = chunk_events + 100;
  for (const std::int64_t count : {1, 50, 10'000, 5'900, 76, 1, 1, 20'000}) {
    fill(*store_, count, next);
    next += count;
    SCOPED_TRACE(next);
    expect_kept_is_fresh();
  }
}

TEST_F(SqliteChunksTest, ALongTailIsNotBuiltAnewForOneMoreEvent) {
  expect_kept_is_fresh();
  fill(*store_, 10'000, chunk_events + 100);
  EXPECT_TRUE(refreshed());
  const std::vector<Chunk> before = kept_.chunks();
  const BuiltChunk* const built = kept_.in_tail(before.back());
  for (int i = 0; i < 3; ++i) {
    append(*store_, 1, 40'000 + i);
    EXPECT_TRUE(refreshed());
    EXPECT_EQ(kept_.chunks().size(), before.size() + 1);
    EXPECT_EQ(kept_.in_tail(before.back()), built);
    EXPECT_EQ(built->positions, static_cast<std::size_t>(before.back().events));
    EXPECT_EQ(kept_.chunks().back().events, i + 1);
  }
  expect_kept_is_fresh();
}

TEST_F(SqliteChunksTest, DeletionsInTheTailAndInChunksAreSeen) {
  expect_kept_is_fresh();
  ASSERT_TRUE(store_->prune_before(at(9'000)));
  expect_kept_is_fresh();
  ASSERT_TRUE(store_->prune_before(at(chunk_events + 50)));
  expect_kept_is_fresh();
  append(*store_, 10, 40'000);
  expect_kept_is_fresh();
}

TEST_F(SqliteChunksTest, AChunkThatIsSealedLaterIsSeen) {
  ASSERT_TRUE(store_->close());
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                  .exec("UPDATE chunks SET bounds = NULL; DELETE FROM columns; DELETE FROM grams"));
  connection_ = raw();
  expect_kept_is_fresh();
  store_ = open();
  ASSERT_TRUE(store_->seal({.progress = {}, .keep_pace = false}, {}));
  expect_kept_is_fresh();
}

TEST_F(SqliteChunksTest, AReadThatIsCutShortLeavesNothingBehind) {
  fill(*store_, chunk_events * 2, chunk_events + 100);
  expect_kept_is_fresh();
  fill(*store_, chunk_events, chunk_events * 3 + 100);
  // A row that cannot be after one that can.
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                  .exec("INSERT INTO chunks(chunk, events, min_timestamp, max_timestamp, bounds)"
                        " VALUES (1000, 5, 0, 0, x'00')"));
  {
    auto transaction = SqliteTransaction::begin_read(*connection_);
    EXPECT_EQ(error_code(kept_.refresh(*connection_)), ErrorCode::corrupt);
  }
  ASSERT_TRUE(
      raw(SqliteConnection::Mode::read_write).exec("DELETE FROM chunks WHERE chunk = 1000"));
  expect_kept_is_fresh();
}

TEST_F(SqliteChunksTest, APartOfTheTailIsNotKeptAsTheWhole) {
  {
    auto transaction = SqliteTransaction::begin_read(*connection_);
    ASSERT_TRUE(kept_.refresh(*connection_));
    ASSERT_TRUE(kept_.read_tail(*connection_, chunk_events + 60));
    EXPECT_EQ(kept_.chunks().back().events, 40);
  }
  expect_kept_is_fresh();
}

}  // namespace
}  // namespace agentaudit
