// Where the columns say that no intent can begin, rows are not read; nothing is missed for it.

#include "store/bytes_read.h"
#include "store/model_store.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

constexpr std::int64_t events_total = chunk_events * 3 + 500;

Event step(std::int64_t seconds, std::string span, std::string_view status) {
  Event event = event_at(at(seconds));
  event.status = status;
  event.span_id = std::move(span);
  return event;
}

class SqliteOpenIntentsTest : public SqliteTrail {
 protected:
  // By id; the rest are effects of spans of their own.
  void plant(EventId id, Event event) { planted_.emplace_back(id, std::move(event)); }

  void write() {
    const auto store = open();
    std::vector<Event> batch;
    for (EventId id = 1; id <= events_total; ++id) {
      Event event = step(id, "call " + std::to_string(id), "ok");
      for (const auto& [planted_id, planted] : planted_) {
        if (planted_id == id) event = planted;
      }
      model_.insert(event);
      batch.push_back(std::move(event));
      if (batch.size() < 4'096 && id < events_total) continue;
      ASSERT_TRUE(store->insert_batch(std::vector<EventView>(batch.begin(), batch.end())));
      batch.clear();
    }
  }

  void unseal(const std::string& which) {
    ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                    .exec("UPDATE chunks SET bounds = NULL, deleted = NULL WHERE chunk IN (" +
                          which + "); DELETE FROM columns WHERE key & 0xFFFFFFFFFF IN (" + which +
                          "); DELETE FROM grams WHERE chunk IN (" + which + ")"));
  }

  void expect_as_the_model(const OpenIntentsOpts& opts) {
    const auto found = open({.read_only = true})->open_intents(opts, {});
    ASSERT_TRUE(found) << found.error().message;
    const OpenIntentsResult expected = model_.open_intents(opts);
    EXPECT_EQ(found->events, expected.events);
    EXPECT_EQ(found->total, expected.total);
    EXPECT_EQ(found->by_agent, expected.by_agent);
  }

  void expect_all_as_the_model() {
    expect_as_the_model({});
    for (const std::int64_t since : {chunk_events, chunk_events * 2, events_total, 900'000L}) {
      expect_as_the_model({.since = at(since)});
    }
    expect_as_the_model({.agents = {"ada"}});
    expect_as_the_model({.since = at(chunk_events + 1), .agents = {"ada", "bob"}});
    expect_as_the_model({.agents = {"nobody"}});
    expect_as_the_model({.conversation_id = "c"});
    expect_as_the_model({.since = at(2), .conversation_id = "c"});
  }

  ModelStore model_;
  std::vector<std::pair<EventId, Event>> planted_;
};

TEST_F(SqliteOpenIntentsTest, NothingIsMissedWhicheverChunksAreSealed) {
  plant(5, step(5, "ended in its chunk", "pending"));
  plant(6, step(6, "ended in its chunk", "ok"));
  Event asked = step(7, "asked", "pending");
  asked.agent = "ada";
  asked.conversation_id = "c";
  plant(7, asked);
  plant(chunk_events, step(chunk_events, "ends a chunk", "pending"));
  plant(chunk_events + 1, step(chunk_events + 1, "begins a chunk", "pending"));
  Event late = step(1, "came late", "pending");
  late.conversation_id = "c";
  plant(chunk_events + 2, late);
  Event early = step(900'000, "from the future", "pending");
  early.agent = "bob";
  plant(20, early);
  plant(chunk_events * 2, step(2, "ended from afar", "pending"));
  plant(chunk_events * 3, step(3, "ended from afar", "error"));
  plant(chunk_events * 3 + 1, step(chunk_events, "in the tail", "pending"));
  plant(events_total, step(4, "begins a chunk", "ok"));
  write();
  {
    SCOPED_TRACE("all chunks sealed");
    expect_all_as_the_model();
  }
  for (const std::string which : {"1", "0, 2", "0, 1, 2"}) {
    SCOPED_TRACE("unsealed: " + which);
    unseal(which);
    expect_all_as_the_model();
  }
}

TEST_F(SqliteOpenIntentsTest, NothingIsMissedAfterAPrune) {
  plant(10, step(10, "old", "pending"));
  plant(11, step(chunk_events + 500, "young among old ones", "pending"));
  plant(chunk_events + 40, step(3, "old among young ones", "pending"));
  write();
  const Timestamp cutoff = at(chunk_events + 100);
  const std::int64_t deleted = model_.prune(cutoff);
  const auto store = open();
  ASSERT_EQ(store->prune_before(cutoff), deleted);
  model_.insert(store->get(events_total + 1).value());
  expect_all_as_the_model();
}

TEST_F(SqliteOpenIntentsTest, RowsBeforeTheFirstPossibleIntentAreNotRead) {
  Event ada = step(1, "a", "pending");
  ada.agent = "ada";
  plant(1, ada);
  Event bob = step(chunk_events * 3, "b", "pending");
  bob.agent = "bob";
  plant(chunk_events * 3, bob);
  write();
  if (bytes_read() < 0) GTEST_SKIP() << "the kernel does not count reads here";
  const auto store = open({.read_only = true});
  const auto cost = [&](const OpenIntentsOpts& opts) {
    const std::int64_t before = bytes_read();
    EXPECT_EQ(store->open_intents(opts, {})->total, 1);
    return bytes_read() - before;
  };
  const std::int64_t all = cost({.agents = {"ada"}});
  EXPECT_LT(cost({.agents = {"bob"}}), all / 4);
  EXPECT_LT(cost({.since = at(2)}), all / 4);
}

}  // namespace
}  // namespace agentaudit
