// Legal holds of a trail in SQLite: chunks that hold a few events, and old trails.

#include "agentaudit/core/names.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

Event of(std::string_view agent, std::string_view conversation, std::int64_t seconds) {
  Event event = event_at(at(seconds));
  event.agent = agent;
  event.conversation_id = conversation;
  return event;
}

class SqliteHoldsTest : public SqliteTrail {
 protected:
  static void insert(Store& store, const std::vector<Event>& events) {
    const std::vector<EventView> views(events.begin(), events.end());
    ASSERT_TRUE(store.insert_batch(views));
  }

  // The events that are no records of the trail.
  static Ids ids(Store& store) {
    Ids ids;
    const ListResult page = store.list({.limit = 1'000, .order = Order::commit}).value();
    for (const Event& event : page.events) {
      if (event.category != category::audit) ids.push_back(event.id);
    }
    return ids;
  }

  void expect_intact() {
    const auto store = open({.read_only = true});
    const Verification verified = store->verify({}, {}).value();
    EXPECT_EQ(verified.verdict, Verdict::intact);
    EXPECT_TRUE(verified.integrity.first.empty()) << verified.integrity.first.front().what;
    EXPECT_TRUE(store->check({}));
  }
};

TEST_F(SqliteHoldsTest, AChunkWithHeldEventsStaysWithItsColumns) {
  const auto store = open();
  append(*store, 2 * chunk_events + 10);
  ASSERT_TRUE(store->add_hold({.since = at(100), .until = at(101), .reason = "case 7"}));
  EXPECT_EQ(store->prune_before(at(1'000'000)), 2 * chunk_events + 8);
  EXPECT_EQ(raw().integer("SELECT events FROM chunks WHERE chunk = 0"), 2);
  EXPECT_EQ(raw().integer("SELECT count(*) FROM chunks WHERE bounds IS NOT NULL"), 1);
  EXPECT_EQ(store->list({.until = at(1'000'000), .total = TotalMode::exact})->total, 2);
  expect_intact();
  ASSERT_TRUE(store->release_hold(1, "kim", "closed"));
  EXPECT_EQ(store->prune_before(at(1'000'000)), 2);
  EXPECT_EQ(raw().integer("SELECT count(*) FROM chunks WHERE chunk = 0"), 0);
  expect_intact();
}

TEST_F(SqliteHoldsTest, ThousandsOfHoldsDoNotHinderAPrune) {
  const auto store = open();
  for (int i = 0; i < 1'500; ++i) {
    ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                    .exec("INSERT INTO holds VALUES (" + std::to_string(i + 1) + ", NULL, 'c-" +
                          std::to_string(i) + "', NULL, NULL, 'r', 'p', 0)"));
  }
  insert(*store, {of("ada", "c-1499", 1), of("ada", "c-1500", 1)});
  EXPECT_EQ(store->prune_before(at(9)), 1);
  EXPECT_EQ(ids(*store), Ids{1});
}

TEST_F(SqliteHoldsTest, AReaderOfATrailWithoutTheTableHasNoHolds) {
  std::filesystem::copy_file(
      std::filesystem::path(AGENTAUDIT_SOURCE_DIR) / "tests" / "golden" / "store" / "v3.db", path_);
  const auto store = open({.read_only = true});
  EXPECT_TRUE(store->holds()->empty());
  EXPECT_TRUE(store->retention()->empty());
  PruneOpts opts;
  opts.cutoff = at(0);
  EXPECT_EQ(store->preview_prune(opts, {})->deleted, 1);
}

}  // namespace
}  // namespace agentaudit
