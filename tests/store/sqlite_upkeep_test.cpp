// Damaged columns are noticed, never answered from, and made anew from the rows.

#include <string>
#include <thread>

#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

class SqliteUpkeepTest : public SqliteTrail {
 protected:
  // Two chunks and a tail, of two agents.
  std::shared_ptr<SqliteStore> filled() {
    auto store = open();
    std::vector<EventView> batch;
    Event event = event_at({});
    for (std::int64_t i = 1; i <= chunk_events * 2 + 100; ++i) {
      EventView& view = batch.emplace_back(event);
      view.timestamp = at(i);
      view.agent = i % 3 == 0 ? "ada" : "bob";
      view.target = i % 5 == 0 ? "read_file" : "web_search";
      if (batch.size() < 4'096 && i < chunk_events * 2 + 100) continue;
      EXPECT_TRUE(store->insert_batch(batch));
      batch.clear();
    }
    return store;
  }

  std::int64_t of_ada(Store& store) {
    return store.list({.agents = {"ada"}, .total = TotalMode::exact})->total;
  }

  void change(const std::string& sql) {
    ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec(sql)) << sql;
  }

  // As version 1 left it.
  void unseal() {
    change(
        "UPDATE chunks SET bounds = NULL, deleted = NULL; DELETE FROM columns; "
        "DELETE FROM grams");
  }

  std::int64_t unsealed() {
    return raw().integer("SELECT count(*) FROM chunks WHERE bounds IS NULL").value();
  }

  static constexpr std::int64_t ada_events = (chunk_events * 2 + 100) / 3;
};

TEST_F(SqliteUpkeepTest, DamageIsNoticedAndMendedFromTheRows) {
  const auto store = filled();
  ASSERT_TRUE(store->check({}));
  // The agents of chunk 0: column 5, its dictionary 37.
  const std::string codes = std::to_string(std::int64_t{5} << 40);
  const std::string dictionary = std::to_string(std::int64_t{37} << 40);
  const std::string times = std::to_string((std::int64_t{1} << 40) | 1);
  for (const std::string& damage :
       {"UPDATE columns SET data = zeroblob(16128) WHERE key = " + codes,
        "UPDATE columns SET data = x'ff' || substr(data, 2) WHERE key = " + codes,
        "UPDATE columns SET data = substr(data, 2) WHERE key = " + codes,
        "DELETE FROM columns WHERE key = " + codes,
        "DELETE FROM columns WHERE key = " + dictionary,
        "UPDATE columns SET data = zeroblob(12) WHERE key = " + dictionary,
        "UPDATE columns SET data = substr(data, 1, 6) WHERE key = " + dictionary,
        "UPDATE columns SET data = zeroblob(length(data)) WHERE key = " + times,
        "UPDATE columns SET data = x'00' WHERE key = " + times,
        std::string("UPDATE chunks SET bounds = x'00' WHERE chunk = 1"),
        std::string("UPDATE chunks SET bounds = zeroblob(264) WHERE chunk = 0"),
        std::string("UPDATE chunks SET deleted = zeroblob(2016) WHERE chunk = 0"),
        std::string("UPDATE chunks SET deleted = x'01' || zeroblob(2015) WHERE chunk = 0"),
        std::string("UPDATE chunks SET deleted = x'01' WHERE chunk = 0"),
        std::string("UPDATE chunks SET events = 5 WHERE chunk = 0"),
        std::string("UPDATE chunks SET max_timestamp = min_timestamp WHERE chunk = 1"),
        std::string("DELETE FROM chunks WHERE chunk = 0"),
        std::string("DELETE FROM grams WHERE chunk = 1"),
        std::string("UPDATE grams SET three = zeroblob(8000) WHERE chunk = 1"),
        std::string("UPDATE grams SET three = x'00' WHERE chunk = 1")}) {
    SCOPED_TRACE(damage);
    change(damage);
    const auto checked = store->check({});
    if (damage.find("SET deleted = zeroblob") == std::string::npos) {
      ASSERT_EQ(error_code(checked), ErrorCode::corrupt);
    }
    ASSERT_TRUE(store->repair({.keep_pace = false}, {}));
    EXPECT_TRUE(store->check({}));
    EXPECT_EQ(of_ada(*store), ada_events);
    EXPECT_EQ(store->list({.search = "READ_file", .total = TotalMode::exact})->total,
              (chunk_events * 2 + 100) / 5);
  }
}

TEST_F(SqliteUpkeepTest, AQuestionThatMeetsADamagedColumnSaysSo) {
  const auto store = filled();
  change("UPDATE columns SET data = substr(data, 2) WHERE key = " +
         std::to_string(std::int64_t{37} << 40));
  const auto listed = store->list({.agents = {"ada"}, .total = TotalMode::exact});
  ASSERT_EQ(error_code(listed), ErrorCode::corrupt);
  EXPECT_NE(listed.error().message.find("agentaudit repair"), std::string::npos);
  EXPECT_EQ(error_code(store->stats({})), ErrorCode::corrupt);
}

TEST_F(SqliteUpkeepTest, OfDamagedTimesOnlyAQuestionThatNeedsThemSaysSo) {
  const auto store = filled();
  change("UPDATE columns SET data = x'00' WHERE key = " +
         std::to_string((std::int64_t{1} << 40) | 1));
  const auto whole = store->stats({});
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->total, chunk_events * 2 + 100);
  const auto stats = store->stats({.histogram_buckets = 50});
  ASSERT_EQ(error_code(stats), ErrorCode::corrupt);
  EXPECT_NE(stats.error().message.find("agentaudit repair"), std::string::npos);
  ASSERT_TRUE(store->repair({.keep_pace = false}, {}));
  EXPECT_EQ(store->stats({.histogram_buckets = 50})->histogram.size(), 50U);
}

TEST_F(SqliteUpkeepTest, RepairOfASoundTrailChangesNothing) {
  const auto store = filled();
  EXPECT_EQ(store->repair({.keep_pace = false}, {}), 0);
}

TEST_F(SqliteUpkeepTest, SealingKeepsTheAnswersAndReportsItsWay) {
  const auto store = filled();
  unseal();
  EXPECT_EQ(of_ada(*store), ada_events);
  std::int64_t reports = 0;
  UpkeepOpts opts{.progress = {}, .keep_pace = false};
  opts.progress = [&](std::int64_t done, std::int64_t total) {
    EXPECT_EQ(done, ++reports);
    EXPECT_EQ(total, 2);
  };
  EXPECT_EQ(store->seal(opts, {}), 2);
  EXPECT_EQ(unsealed(), 0);
  EXPECT_EQ(of_ada(*store), ada_events);
  EXPECT_EQ(store->seal(opts, {}), 0);
  EXPECT_TRUE(store->check({}));
}

TEST_F(SqliteUpkeepTest, ATrailOfVersion1IsReadAsItIsAndMigratedByAWriter) {
  ASSERT_TRUE(filled()->close());
  change(back_to_version_3);
  change(
      "ALTER TABLE chunks DROP COLUMN bounds; ALTER TABLE chunks DROP COLUMN deleted;"
      "DROP TABLE columns; DROP TABLE grams; DELETE FROM trail WHERE key = 'rewrites';"
      "PRAGMA user_version = 1");
  {
    const auto reader = open({.read_only = true});
    EXPECT_EQ(of_ada(*reader), ada_events);
    EXPECT_EQ(reader->stats({})->total, chunk_events * 2 + 100);
    EXPECT_EQ(reader->list({.search = "read_file", .total = TotalMode::exact})->total,
              (chunk_events * 2 + 100) / 5);
    EXPECT_EQ(raw().integer("PRAGMA user_version"), 1);
  }
  const auto store = open();
  EXPECT_EQ(raw().integer("PRAGMA user_version"), sqlite_schema::version);
  EXPECT_EQ(unsealed(), 2);
  EXPECT_EQ(of_ada(*store), ada_events);
  EXPECT_EQ(store->seal({.progress = {}, .keep_pace = false}, {}), 2);
  EXPECT_EQ(of_ada(*store), ada_events);
  EXPECT_TRUE(store->check({}));
}

TEST_F(SqliteUpkeepTest, ATrailOfVersion2AnswersWithoutFiltersOfTraces) {
  const auto trace = [](Store& store, const std::string& id) {
    return store.list({.trace_id = id, .total = TotalMode::exact})->total;
  };
  {
    const auto store = filled();
    Event traced = event_at(at(5));
    traced.trace_id = "0af7651916cd43dd8448eb211c80319c";
    ASSERT_TRUE(store->insert(traced));
    append(*store, chunk_events);
    ASSERT_TRUE(store->close());
  }
  change(back_to_version_3);
  change(
      "DELETE FROM columns WHERE key >> 40 >= 64; DELETE FROM trail WHERE key = 'rewrites';"
      "PRAGMA user_version = 2");
  for (const bool read_only : {true, false}) {
    const auto store = open({.read_only = read_only});
    EXPECT_EQ(of_ada(*store), ada_events);
    EXPECT_EQ(trace(*store, "0af7651916cd43dd8448eb211c80319c"), 1);
    EXPECT_EQ(trace(*store, "0af7651916cd43dd8448eb211c80319d"), 0);
    EXPECT_TRUE(store->check({}));
    EXPECT_EQ(raw().integer("PRAGMA user_version"), read_only ? 2 : sqlite_schema::version);
  }
}

TEST_F(SqliteUpkeepTest, AFilterThatDoesNotKnowATraceIsNamedAndMadeAnew) {
  const auto store = filled();
  Event traced = event_at(at(5));
  traced.trace_id = "0af7651916cd43dd8448eb211c80319c";
  ASSERT_TRUE(store->insert(traced));
  append(*store, chunk_events);
  change("UPDATE columns SET data = zeroblob(length(data)) WHERE key >> 40 >= 64");
  const auto checked = store->check({});
  ASSERT_EQ(error_code(checked), ErrorCode::corrupt);
  EXPECT_NE(checked.error().message.find("a trace that its filter does not know"),
            std::string::npos);
  EXPECT_EQ(store->repair({.progress = {}, .keep_pace = false}, {}), 1);
  EXPECT_TRUE(store->check({}));
}

TEST_F(SqliteUpkeepTest, AStopLeavesTheRestToTheNext) {
  const auto store = filled();
  unseal();
  std::stop_source stop;
  UpkeepOpts opts{.progress = {}, .keep_pace = false};
  opts.progress = [&](std::int64_t /*done*/, std::int64_t /*total*/) { stop.request_stop(); };
  EXPECT_EQ(error_code(store->seal(opts, stop.get_token())), ErrorCode::cancelled);
  EXPECT_EQ(unsealed(), 1);
  EXPECT_EQ(of_ada(*store), ada_events);
  EXPECT_EQ(store->seal({.keep_pace = false}, {}), 1);
}

TEST_F(SqliteUpkeepTest, AWriterSealsWhatWaitsBesideItsBatches) {
  filled();
  unseal();
  const auto store = open();
  for (int tries = 0; unsealed() > 0 && tries < 2'000; ++tries) {
    append(*store, 1, 1'000'000 + tries);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(unsealed(), 0);
  EXPECT_TRUE(store->check({}));
}

TEST_F(SqliteUpkeepTest, AReadOnlyStoreDoesNoUpkeep) {
  ASSERT_TRUE(filled()->close());
  const auto store = open({.read_only = true});
  EXPECT_EQ(error_code(store->seal({}, {})), ErrorCode::read_only);
  EXPECT_EQ(error_code(store->repair({}, {})), ErrorCode::read_only);
}

}  // namespace
}  // namespace agentaudit
