// The leaves of a trail's events and the hashes above them, as writers leave them.

#include <map>
#include <thread>

#include "store/sqlite_leaf.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"
#include "store/sqlite_tree.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;
using sqlite_tree::hashes_per_row;

class SqliteLedgerTest : public SqliteTrail {
 protected:
  // The hashes of one level as the file has them; those that are not there are left out.
  std::map<std::uint64_t, Hash> stored(int level) {
    SqliteConnection connection = raw();
    auto select = connection.prepare("SELECT key, data FROM tree WHERE key >> 40 = ?1").value();
    select.bind(1, level);
    std::map<std::uint64_t, Hash> hashes;
    while (select.step().value()) {
      const auto row = static_cast<std::uint64_t>(select.integer(0) & ((1LL << 40) - 1));
      const std::string_view data = select.bytes(1);
      for (std::size_t i = 0; i < data.size() / sizeof(Hash); ++i) {
        Hash hash;
        std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(i * sizeof(Hash)), sizeof(Hash),
                    hash.begin());
        hashes[row * hashes_per_row + i] = hash;
      }
    }
    return hashes;
  }

  // Every event has the leaf that its row says, and above them stands what follows.
  void expect_whole_tree() {
    SqliteConnection connection = raw();
    auto leaves = SqliteLeaves::make(connection).value();
    leaves.seek(1, std::numeric_limits<EventId>::max());
    std::map<std::uint64_t, Hash> below = stored(0);
    std::size_t rows = 0;
    for (const StoredLeaf* leaf = leaves.next().value(); leaf != nullptr;
         leaf = leaves.next().value(), ++rows) {
      const auto found = below.find(static_cast<std::uint64_t>(leaf->event.id) - 1);
      ASSERT_NE(found, below.end()) << leaf->event.id;
      ASSERT_EQ(found->second, leaf->hash) << leaf->event.id;
    }
    const std::uint64_t size = sqlite_tree::size(connection).value();
    ASSERT_EQ(connection.integer("SELECT coalesce(max(id), 0) FROM events").value(), size);
    for (int level = 1; level < sqlite_tree::levels; ++level) {
      const auto nodes = stored(level);
      ASSERT_EQ(nodes.size(), hashes_of_level(level, size)) << level;
      for (const auto& [index, node] : nodes) {
        std::vector<Hash> children;
        for (std::uint64_t i = 0; i < tile_width; ++i) {
          const auto child = below.find(index * tile_width + i);
          if (child != below.end()) children.push_back(child->second);
        }
        if (children.size() < tile_width) continue;  // of a pruned chunk
        ASSERT_EQ(subtree_hash(children), node) << level << ' ' << index;
      }
      below = nodes;
    }
  }

  void change(const std::string& sql) {
    ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec(sql));
  }

  std::int64_t backlog() {
    return raw().integer("SELECT value FROM trail WHERE key = 'ledger_backlog'").value();
  }
};

TEST_F(SqliteLedgerTest, EveryEventIsALeafWhateverTheBatches) {
  const auto store = open();
  std::int64_t events = 0;
  for (const std::int64_t count : {1, 1, 62, 200, 248, 1, 5'000, 300, 63, 64, 65, 10'000, 2}) {
    append(*store, count);
    events += count;
    if (events > 1'000 && count > 1) continue;
    ASSERT_NO_FATAL_FAILURE(expect_whole_tree()) << events;
  }
  expect_whole_tree();
  EXPECT_EQ(stored(0).size(), events);
  EXPECT_EQ(backlog(), 0);
}

TEST_F(SqliteLedgerTest, EveryFieldIsInTheLeaf) {
  Event event;
  event.timestamp = at(1);
  event.category = "c";
  event.action = "a";
  event.agent = std::string("\0\xff", 2);
  event.status = "";
  event.summary = "s";
  event.detail = "d";
  event.duration = std::chrono::milliseconds(-3);
  event.source = "so";
  event.conversation_id = "co";
  event.target = "t";
  event.principal = "p";
  event.trace_id = "0af7651916cd43dd8448eb211c80319c";
  event.span_id = "not hex";
  event.parent_span_id = "00f067aa0ba902b7";
  ASSERT_TRUE(open()->insert(event));
  expect_whole_tree();
  // Each column but the id moves the leaf.
  for (const char* const change_of :
       {"timestamp = timestamp + 1", "recorded_at = recorded_at - 1", "duration_ms = 4",
        "summary = 'x'", "detail = 'x'", "nonce = randomblob(32)", "category = action",
        "action = agent", "agent = status", "status = source", "source = target",
        "target = principal", "principal = conversation", "conversation = category",
        "trace_id = NULL", "span_id = NULL", "parent_span_id = span_id"}) {
    SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
    auto transaction = SqliteTransaction::begin_write(connection).value();
    ASSERT_TRUE(connection.exec(std::string("UPDATE events SET ") + change_of));
    auto leaves = SqliteLeaves::make(connection).value();
    leaves.seek(1, 1);
    EXPECT_NE(leaves.next().value()->hash, stored(0).at(0)) << change_of;
    leaves.end();
  }
}

TEST_F(SqliteLedgerTest, SeveralWritersGrowOneTree) {
  const auto first = open();
  const auto second = open();
  const auto one_shot = open({.checkpoint_on_close = false});
  for (int round = 0; round < 6; ++round) {
    append(*first, 100 * round + 1);
    append(*second, 300);
    append(*one_shot, 1);
  }
  std::vector<std::thread> writers;
  for (const auto& store : {first, second, one_shot}) {
    writers.emplace_back([store] {
      for (int i = 0; i < 20; ++i) append(*store, 1 + i * 7);
    });
  }
  for (std::thread& writer : writers) writer.join();
  expect_whole_tree();
}

TEST_F(SqliteLedgerTest, WhatWasStoredWithoutLeavesGetsThemWithLaterBatches) {
  {
    const auto store = open({.ledger = false});
    append(*store, 5'000);
    EXPECT_EQ(stored(0).size(), 0);
    EXPECT_EQ(backlog(), 5'000);
  }
  const auto store = open();
  append(*store, 1);
  // Some of the old ones, and then those that came meanwhile.
  EXPECT_LT(stored(0).size(), 5'000);
  EXPECT_GT(stored(0).size(), 0);
  EXPECT_EQ(backlog(), 5'001);
  for (int i = 0; i < 5; ++i) append(*store, 1);
  expect_whole_tree();
}

TEST_F(SqliteLedgerTest, SealGivesAllTheirLeavesAndSaysHowFarItIs) {
  append(*open({.ledger = false}), 10'000);
  const auto store = open();
  std::vector<std::int64_t> done;
  UpkeepOpts opts{.progress = {}, .hash_progress = {}, .keep_pace = false};
  opts.hash_progress = [&](std::int64_t hashed, std::int64_t total) {
    EXPECT_LE(hashed, total);
    done.push_back(hashed);
  };
  EXPECT_TRUE(store->seal(opts, {}));
  expect_whole_tree();
  EXPECT_GT(done.size(), 1);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
}

TEST_F(SqliteLedgerTest, EventsThatWereGoneBeforeTheLedgerBeganHaveALeafOfTheirOwn) {
  {
    const auto store = open({.ledger = false});
    append(*store, 10);
    ASSERT_EQ(store->prune_before(at(4)).value(), 3);
  }
  const auto store = open();
  append(*store, 1);
  expect_whole_tree();
  std::string entry;
  append_absent_entry(entry, 2);
  EXPECT_EQ(stored(0).at(1), leaf_hash(entry));
}

TEST_F(SqliteLedgerTest, PrunedEventsKeepTheirLeaves) {
  const auto store = open();
  append(*store, 1'000);
  const auto before = stored(0);
  ASSERT_EQ(store->prune_before(at(500)).value(), 499);
  const auto after = stored(0);
  for (const auto& [index, hash] : before) ASSERT_EQ(after.at(index), hash);
  append(*store, 10);
  expect_whole_tree();
}

TEST_F(SqliteLedgerTest, OfAPrunedChunkTheHashesAboveTheLeavesStay) {
  const auto store = open();
  append(*store, 2 * chunk_events + 10);
  const auto nodes = stored(1);
  ASSERT_EQ(nodes.size(), 126);
  ASSERT_EQ(store->prune_before(at(chunk_events + 3)).value(), chunk_events + 2);
  EXPECT_EQ(stored(0).begin()->first, chunk_events);
  EXPECT_EQ(stored(1), nodes);
  append(*store, 10);
  expect_whole_tree();
}

TEST_F(SqliteLedgerTest, AStoppedAppendLeavesNoLeaves) {
  const auto store = open();
  append(*store, 700);
  const auto before = stored(0);
  // The insert fails in its second half.
  change(
      "CREATE TRIGGER refuse BEFORE INSERT ON events WHEN new.id = 1000"
      " BEGIN SELECT raise(ABORT, 'no'); END");
  std::vector<Event> events(600, event_at(at(1)));
  const std::vector<EventView> views(events.begin(), events.end());
  EXPECT_FALSE(store->insert_batch(views));
  EXPECT_EQ(stored(0), before);
  change("DROP TRIGGER refuse");
  EXPECT_EQ(store->insert_batch(views)->first, 701);
  expect_whole_tree();
}

TEST_F(SqliteLedgerTest, TheIdOfAnEventWhoseLeafIsThereIsNotGivenAgain) {
  auto store = open();
  append(*store, 10);
  store.reset();
  change("DELETE FROM events WHERE id > 7");
  EXPECT_EQ(open()->insert(event_at(at(1))), 11);
}

TEST_F(SqliteLedgerTest, ADamagedTreeDoesNotStopTheRecorder) {
  append(*open(), 600);
  EventId next_id = 601;
  for (const char* damage : {"DELETE FROM tree WHERE key = 1 << 40",
                             "UPDATE tree SET data = zeroblob(32) WHERE key = 1 << 40",
                             "UPDATE tree SET data = zeroblob(33) WHERE key = 1"}) {
    SCOPED_TRACE(damage);
    change("CREATE TABLE kept AS SELECT * FROM tree");
    change(damage);
    const auto store = open();
    EXPECT_EQ(store->insert(event_at(at(1))), next_id);
    EXPECT_EQ(store->insert(event_at(at(1))), next_id + 1);
    next_id += 2;
    EXPECT_EQ(backlog(), next_id - 1);
    EXPECT_TRUE(store->seal({.keep_pace = false}, {}));
    EXPECT_EQ(error_code(store->checkpoint()), ErrorCode::not_found);
    change("INSERT OR REPLACE INTO tree SELECT * FROM kept; DROP TABLE kept");
  }
  EXPECT_EQ(open()->prune_before(at(2)).value(), 7);
}

TEST_F(SqliteLedgerTest, WhatWaitsForItsLeafIsNotHandedOut) {
  const auto store = open({.ledger = false});
  append(*store, 3);
  const auto recorded = store->recorded(1, 10, {});
  ASSERT_EQ(error_code(recorded), ErrorCode::not_found);
  EXPECT_EQ(recorded.error().message, "event 2 has no leaf yet; `agentaudit seal` gives it one");
}

TEST_F(SqliteLedgerTest, AnInMemoryTrailHasOneToo) {
  const auto store = SqliteStore::in_memory().value();
  append(*store, 300);
  EXPECT_TRUE(store->check({}));
}

}  // namespace
}  // namespace agentaudit
