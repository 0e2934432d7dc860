// Legal holds: what is under one is neither pruned nor redacted, and the trail says who held it.

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

  static Event last_event(Store& store) {
    return store.list({.limit = 1, .order = Order::newest_first})->events.at(0);
  }

  void expect_intact() {
    const auto store = open({.read_only = true});
    const Verification verified = store->verify({}, {}).value();
    EXPECT_EQ(verified.verdict, Verdict::intact);
    EXPECT_TRUE(verified.integrity.first.empty()) << verified.integrity.first.front().what;
    EXPECT_TRUE(store->check({}));
  }
};

TEST_F(SqliteHoldsTest, APruneLeavesWhatIsHeldAndDoesNotNameIt) {
  const auto store = open();
  insert(*store, {of("ada", "c-1", 1), of("ada", "c-2", 2), of("bo", "c-1", 3), of("bo", "", 4)});
  ASSERT_EQ(store->add_hold({.conversation_id = "c-1", .reason = "case 7"}), 1);
  PruneProgress last;
  PruneOpts opts;
  opts.cutoff = at(100);
  opts.progress = [&](const PruneProgress& progress) { last = progress; };
  const PruneCounts preview = store->preview_prune(opts, {}).value();
  EXPECT_EQ(preview.deleted, 2);
  EXPECT_EQ(preview.held, 2);
  EXPECT_EQ(store->prune_before(opts, {}), 2);
  EXPECT_EQ(last.held, 2);
  EXPECT_EQ(ids(*store), (Ids{1, 3}));
  EXPECT_NE(last_event(*store).detail.find(R"("events":2,"ids":"2,4")"), std::string::npos);
  expect_intact();
}

TEST_F(SqliteHoldsTest, AReleaseGivesWhatWasHeldToTheNextPrune) {
  const auto store = open();
  insert(*store, {of("ada", "c-1", 1), of("bo", "c-1", 2)});
  const std::int64_t first = store->add_hold({.conversation_id = "c-1", .reason = "a"}).value();
  const std::int64_t second = store->add_hold({.agent = "bo", .reason = "b"}).value();
  ASSERT_EQ(store->prune_before(at(100)), 0);
  ASSERT_TRUE(store->release_hold(first, "kim", "closed"));
  EXPECT_EQ(store->prune_before(at(100)), 1);
  EXPECT_EQ(ids(*store), Ids{2}) << "the other hold is on it still";
  ASSERT_TRUE(store->release_hold(second, "kim", "closed"));
  EXPECT_EQ(store->prune_before(at(100)), 1);
  EXPECT_EQ(ids(*store), Ids{});
  expect_intact();
}

TEST_F(SqliteHoldsTest, AllConditionsOfAHoldMustBeMet) {
  const auto store = open();
  insert(*store, {of("ada", "c-1", 9), of("ada", "c-1", 10), of("ada", "c-1", 20),
                  of("ada", "c-1", 21), of("ada", "c-2", 15), of("bo", "c-1", 15)});
  ASSERT_TRUE(store->add_hold({.agent = "ada",
                               .conversation_id = "c-1",
                               .since = at(10),
                               .until = at(20),
                               .reason = "case 7"}));
  EXPECT_EQ(store->prune_before(at(100)), 4);
  EXPECT_EQ(ids(*store), (Ids{2, 3}));
}

TEST_F(SqliteHoldsTest, EitherEndOfASpanMayBeOpen) {
  const auto store = open();
  insert(*store, {of("ada", "", 1), of("ada", "", 5), of("ada", "", 9)});
  ASSERT_TRUE(store->add_hold({.since = at(9), .reason = "late"}));
  ASSERT_TRUE(store->add_hold({.until = at(1), .reason = "early"}));
  EXPECT_EQ(store->prune_before(at(100)), 1);
  EXPECT_EQ(ids(*store), (Ids{1, 3}));
}

TEST_F(SqliteHoldsTest, AHoldOnAnAgentThatIsNotKnownYetHoldsItsLaterEvents) {
  const auto store = open();
  insert(*store, {of("ada", "", 1)});
  ASSERT_TRUE(store->add_hold({.agent = "nobody yet", .reason = "case 7"}));
  EXPECT_EQ(store->prune_before(at(100)), 1);
  insert(*store, {of("nobody yet", "", 2), of("", "", 3)});
  EXPECT_EQ(store->prune_before(at(100)), 1);
  ASSERT_EQ(ids(*store).size(), 1U);
  EXPECT_EQ(store->get(ids(*store).front())->agent, "nobody yet");
}

TEST_F(SqliteHoldsTest, AHoldThatComesBetweenTwoStepsOfAPruneProtectsWhatIsLeft) {
  const auto store = open();
  append(*store, 10'000);
  const auto other = open();
  PruneOpts opts;
  opts.cutoff = at(50'000);
  opts.keep_pace = false;
  PruneProgress last;
  opts.progress = [&](const PruneProgress& progress) {
    if (last.scanned == 0) {
      EXPECT_TRUE(other->add_hold({.since = at(9'001), .until = at(9'500), .reason = "now"}));
    }
    last = progress;
  };
  EXPECT_EQ(store->prune_before(opts, {}), 9'500);
  EXPECT_EQ(last.held, 500);
  EXPECT_EQ(ids(*store).size(), 500U);
  expect_intact();
}

TEST_F(SqliteHoldsTest, AReleaseBetweenTwoStepsOfAPruneDeletesNothingThatNoRecordNames) {
  const auto store = open();
  append(*store, 10'000);
  const auto other = open();
  ASSERT_EQ(other->add_hold({.since = at(9'001), .until = at(9'500), .reason = "a"}), 1);
  PruneOpts opts;
  opts.cutoff = at(50'000);
  opts.keep_pace = false;
  bool released = false;
  opts.progress = [&](const PruneProgress&) {
    if (released) return;
    EXPECT_TRUE(other->release_hold(1, "kim", "closed"));
    released = true;
  };
  EXPECT_EQ(store->prune_before(opts, {}), 9'500);
  expect_intact();
  EXPECT_EQ(store->prune_before(at(50'000)), 500);
  expect_intact();
}

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

TEST_F(SqliteHoldsTest, WhatIsHeldIsRedactedOnlyAfterTheRelease) {
  const auto store = open();
  insert(*store, {of("ada", "c-1", 1), of("bo", "c-2", 2)});
  ASSERT_TRUE(store->add_hold({.agent = "ada", .reason = "case \"7\""}));
  const auto refused = store->redact({.id = 1, .detail = true});
  ASSERT_EQ(error_code(refused), ErrorCode::invalid_argument);
  EXPECT_NE(refused.error().message.find(R"(event 1 is under hold 1 ("case \"7\""))"),
            std::string::npos)
      << refused.error().message;
  EXPECT_EQ(store->get(1)->detail, "{}");
  EXPECT_TRUE(store->redact({.id = 2, .detail = true}));
  ASSERT_TRUE(store->release_hold(1, "kim", "closed"));
  EXPECT_TRUE(store->redact({.id = 1, .detail = true}));
  expect_intact();
}

TEST_F(SqliteHoldsTest, AddingAndReleasingAreRecordedAndTheRecordsStay) {
  const auto store = open();
  const std::string trail = store->info()->trail_id;
  ASSERT_EQ(store->add_hold({.agent = "ada",
                             .conversation_id = "c-1",
                             .until = at(20),
                             .reason = "case \"7\"",
                             .principal = "kim"}),
            1);
  const Event added = last_event(*store);
  EXPECT_EQ(added.category, category::audit);
  EXPECT_EQ(added.action, action::hold_added);
  EXPECT_EQ(added.principal, "kim");
  EXPECT_EQ(added.conversation_id, "c-1");
  EXPECT_EQ(added.detail,
            R"({"hold":1,"agent":"ada","conversation_id":"c-1","until":"1970-01-01T00:00:20Z",)"
            R"("trail":")" +
                trail + R"(","reason":"case \"7\""})");
  ASSERT_TRUE(store->release_hold(1, "lee", "closed"));
  const Event released = last_event(*store);
  EXPECT_EQ(released.action, action::hold_released);
  EXPECT_EQ(released.principal, "lee");
  EXPECT_NE(released.detail.find(R"("reason":"closed")"), std::string::npos);
  const Timestamp tomorrow = Timestamp::from_ns(Timestamp::now().ns() + 86'400'000'000'000);
  EXPECT_EQ(store->prune_before(tomorrow), 0);
  expect_intact();
}

TEST_F(SqliteHoldsTest, TheHoldsAreListedAndTheirNumbersNeverGivenTwice) {
  auto store = open();
  ASSERT_EQ(store->add_hold({.agent = "ada", .since = at(1), .reason = "a", .principal = "kim"}),
            1);
  ASSERT_EQ(store->add_hold({.conversation_id = "c-1", .reason = "b"}), 2);
  ASSERT_TRUE(store->release_hold(2, "kim", "closed"));
  store = open();
  ASSERT_EQ(store->add_hold({.conversation_id = "c-2", .reason = "c"}), 3);
  const auto holds = open({.read_only = true})->holds().value();
  ASSERT_EQ(holds.size(), 2U);
  EXPECT_EQ(holds[0].id, 1);
  EXPECT_EQ(holds[0].opts.agent, "ada");
  EXPECT_EQ(holds[0].opts.conversation_id, "");
  EXPECT_EQ(holds[0].opts.since, at(1));
  EXPECT_EQ(holds[0].opts.until, std::nullopt);
  EXPECT_EQ(holds[0].opts.reason, "a");
  EXPECT_EQ(holds[0].opts.principal, "kim");
  EXPECT_TRUE(holds[0].created.is_set());
  EXPECT_EQ(holds[1].id, 3);
}

TEST_F(SqliteHoldsTest, WhatIsNoHoldIsRefusedAndNothingRecorded) {
  const auto store = open();
  EXPECT_EQ(error_code(store->add_hold({.reason = "all"})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store->add_hold({.agent = "ada"})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store->add_hold({.since = at(2), .until = at(1), .reason = "a"})),
            ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store->add_hold({.agent = "ada", .reason = std::string(2 << 20, 'x')})),
            ErrorCode::too_large);
  EXPECT_EQ(error_code(store->release_hold(1, "kim", "a")), ErrorCode::not_found);
  ASSERT_TRUE(store->add_hold({.agent = "ada", .reason = "a"}));
  EXPECT_EQ(error_code(store->release_hold(1, "kim", "")), ErrorCode::invalid_argument);
  EXPECT_EQ(store->info()->last_id, 1);
}

TEST_F(SqliteHoldsTest, NamesOfAnyBytesAreHeld) {
  const auto store = open();
  const std::string odd("a\0'\xff", 4);
  insert(*store, {of(odd, odd, 1), of("a", "a", 1)});
  ASSERT_TRUE(store->add_hold({.agent = odd, .conversation_id = odd, .reason = "case 7"}));
  EXPECT_EQ(store->prune_before(at(9)), 1);
  EXPECT_EQ(ids(*store), Ids{1});
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

TEST_F(SqliteHoldsTest, InMemoryToo) {
  const auto store = SqliteStore::in_memory().value();
  insert(*store, {of("ada", "c-1", 1), of("bo", "c-1", 2)});
  ASSERT_TRUE(store->add_hold({.agent = "ada", .reason = "case 7"}));
  EXPECT_EQ(store->holds()->size(), 1U);
  EXPECT_EQ(store->prune_before(at(9)), 1);
  EXPECT_EQ(error_code(store->redact({.id = 1, .detail = true})), ErrorCode::invalid_argument);
  ASSERT_TRUE(store->release_hold(1, "kim", "closed"));
  EXPECT_EQ(store->prune_before(at(9)), 1);
  EXPECT_EQ(store->verify({}, {})->verdict, Verdict::intact);
}

}  // namespace
}  // namespace agentaudit
