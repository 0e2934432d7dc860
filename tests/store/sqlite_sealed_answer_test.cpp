// The same events twice, with chunks sealed and as rows alone: the same answers.

#include "store/sqlite_schema.h"
#include "store/sqlite_seal_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

class SqliteSealedAnswerTest : public SqliteSealTrail {
 protected:
  void copy_without_columns() {
    ASSERT_TRUE(std::filesystem::copy_file(path_, copy_));
    auto connection =
        SqliteConnection::open(copy_, SqliteConnection::Mode::read_write, std::chrono::seconds(5));
    ASSERT_TRUE(connection);
    ASSERT_TRUE(
        connection->exec("UPDATE chunks SET bounds = NULL, deleted = NULL;"
                         "DELETE FROM columns; DELETE FROM grams"));
    sealed_ = open({.read_only = true});
    unsealed_ = SqliteStore::open(copy_, {.read_only = true}).value();
  }

  void expect_same_answers() {
    for (const ListOpts& opts : questions()) {
      for (const Order order : {Order::newest_first, Order::oldest_first, Order::commit}) {
        ListOpts ordered = opts;
        ordered.order = order;
        expect_same_list(ordered);
      }
    }
    expect_same_pages({.sources = {"hook"}, .limit = 1'000});
    expect_same_stats({.now = at(30'000)});
    expect_same_stats({.since = at(9'000),
                       .until = at(25'000),
                       .exclude_sources = {"hook"},
                       .now = at(25'000),
                       .histogram_buckets = 50});
    expect_same_conversations({});
    expect_same_conversations(
        {.since = at(9'000), .until = at(25'000), .agents = {"agent-2", "agent-4"}, .limit = 7});
    const auto sealed = sealed_->open_intents({}, {}).value();
    const auto unsealed = unsealed_->open_intents({}, {}).value();
    EXPECT_EQ(sealed.total, unsealed.total);
    EXPECT_EQ(sealed.events, unsealed.events);
  }

 private:
  static std::vector<ListOpts> questions() {
    std::vector<ListOpts> all = {
        {},
        {.categories = {"llm_call"}},
        {.statuses = {"error", "denied"}, .agents = {"agent-1", "agent-6"}},
        {.exclude_sources = {"hook"}, .since = at(5'000), .until = at(20'000)},
        {.exclude_sources = {"hook", "engine", "store"}},
        {.agents = {"nobody"}},
        {.targets = {"src/File_26", "src/File_3", ""}, .offset = 100},
        {.conversation_id = "c25"},
        {.trace_id = "0af7651916cd43dd8448eb211c801007"},
        {.statuses = {"ok"}, .trace_id = "run 7"},
        {.trace_id = "run 20"},
        {.trace_id = "0af7651916cd43dd8448eb211c809999"},
        {.search = "needle"},
        {.statuses = {"ok"}, .search = "SRC/file_26", .offset = 20},
        {.search = "step 2000"},
        {.search = "no such text"},
        {.search = "r"},
        {.since = at(16'000), .until = at(16'300), .offset = 10},
    };
    for (ListOpts& opts : all) opts.total = TotalMode::exact;
    return all;
  }

  void expect_same_list(const ListOpts& opts) {
    const ListResult sealed = sealed_->list(opts).value();
    const ListResult unsealed = unsealed_->list(opts).value();
    EXPECT_EQ(sealed.events, unsealed.events);
    EXPECT_EQ(sealed.total, unsealed.total);
    EXPECT_EQ(sealed.next_cursor, unsealed.next_cursor);
  }

  void expect_same_pages(ListOpts opts) {
    std::size_t pages = 0;
    do {
      const ListResult sealed = sealed_->list(opts).value();
      const ListResult unsealed = unsealed_->list(opts).value();
      ASSERT_EQ(sealed.events, unsealed.events);
      ASSERT_EQ(sealed.next_cursor, unsealed.next_cursor);
      opts.cursor = sealed.next_cursor;
      ++pages;
    } while (!opts.cursor.empty());
    EXPECT_GT(pages, 5U);
  }

  void expect_same_stats(const StatsOpts& opts) {
    const Stats sealed = sealed_->stats(opts).value();
    const Stats unsealed = unsealed_->stats(opts).value();
    EXPECT_GT(sealed.total, 0);
    EXPECT_EQ(sealed, unsealed);
  }

  void expect_same_conversations(const ConversationsOpts& opts) {
    const auto sealed = sealed_->conversations(opts, {}).value();
    const auto unsealed = unsealed_->conversations(opts, {}).value();
    EXPECT_GT(sealed.total, 5);
    EXPECT_EQ(sealed.total, unsealed.total);
    EXPECT_EQ(sealed.conversations, unsealed.conversations);
  }

  std::filesystem::path copy_ = scratch_ / "copy.db";
  std::shared_ptr<SqliteStore> sealed_;
  std::shared_ptr<SqliteStore> unsealed_;
};

TEST_F(SqliteSealedAnswerTest, IsThatOfTheRows) {
  fill(*open(), chunk_events * 2 + 1'000);
  EXPECT_EQ(chunks(), "0 sealed, 1 sealed");
  copy_without_columns();
  expect_same_answers();
}

TEST_F(SqliteSealedAnswerTest, IsThatOfTheRowsAfterAPrune) {
  const auto store = open();
  fill(*store, 10'000);
  ASSERT_TRUE(store->prune_before(at(500)));  // before the first chunk is sealed
  fill(*store, chunk_events * 2 - 9'000, 10'000);
  ASSERT_TRUE(store->prune_before(at(12'000)));  // and after
  EXPECT_EQ(chunks(), "0 sealed with deletions, 1 sealed with deletions");
  ASSERT_TRUE(store->close());
  copy_without_columns();
  expect_same_answers();
}

}  // namespace
}  // namespace agentaudit
