// What verify finds in trails that somebody changed, and in those that nobody did.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>

#include "agentaudit/core/names.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_verify_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

using SqliteVerifyTest = SqliteVerifyTrail;

TEST_F(SqliteVerifyTest, AnUntouchedTrailIsIntact) {
  append(*open(), 2 * chunk_events + 777);
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.level, ProofLevel::unsigned_tree);
  EXPECT_EQ(result.events, 2 * chunk_events + 777);
  EXPECT_EQ(result.leaves, result.events);
  EXPECT_EQ(result.integrity.total + result.completeness.total, 0);
  EXPECT_EQ(result.trail_id, open()->info()->trail_id);
}

TEST_F(SqliteVerifyTest, AnEditedFieldIsNamedByItsEvent) {
  append(*open(), 2'000);
  change("CREATE TABLE kept AS SELECT * FROM events WHERE id = 1234");
  for (const char* const edit : {"summary = 'x'", "detail = '{}'", "timestamp = timestamp - 1",
                                 "duration_ms = 1", "nonce = zeroblob(32)", "nonce = x'00'",
                                 "agent = 0", "agent = 'ada'", "trace_id = 'x'", "summary = 5"}) {
    change("UPDATE events SET " + std::string(edit) + " WHERE id = 1234");
    SCOPED_TRACE(edit);
    expect_tampered(1'234, "event 1234 is not what was recorded");
    change("INSERT OR REPLACE INTO events SELECT * FROM kept");
  }
  change("DROP TABLE kept");
  EXPECT_EQ(verified().verdict, Verdict::intact);
}

TEST_F(SqliteVerifyTest, ARenamedNameChangesEveryEventThatHasIt) {
  append(*open(), 100);
  change("UPDATE names SET name = 'mallory' WHERE name = 'ada' OR kind = 3");
  expect_tampered(1, "is not what was recorded");
}

// Each leaves every event what it was, and hides some from questions.
TEST_F(SqliteVerifyTest, WhatHidesEventsFromQuestionsIsNoticed) {
  ASSERT_TRUE(open()->insert(act("ok", "b7ad6b7169203331", "00f067aa0ba902b7")));
  for (const char* edit :
       {"trace_id = '0af7651916cd43dd8448eb211c80319c'", "span_id = 'b7ad6b7169203331'",
        "parent_span_id = '00f067aa0ba902b7'", "target = category", "principal = 99"}) {
    SCOPED_TRACE(edit);
    change("CREATE TABLE kept AS SELECT * FROM events; UPDATE events SET " + std::string(edit));
    expect_tampered(1, "event 1 is not what was recorded");
    change("INSERT OR REPLACE INTO events SELECT * FROM kept; DROP TABLE kept");
  }
  for (const char* edit : {"kind = kind + 100", "name = CAST(name AS BLOB)"}) {
    SCOPED_TRACE(edit);
    change("CREATE TABLE kept AS SELECT * FROM names; UPDATE names SET " + std::string(edit) +
           " WHERE kind = 3");
    expect_tampered(1, "event 1 is not what was recorded");
    change("INSERT OR REPLACE INTO names SELECT * FROM kept; DROP TABLE kept");
  }
  EXPECT_EQ(verified().verdict, Verdict::intact);
  change("INSERT INTO chunks(chunk, events, min_timestamp, max_timestamp) VALUES (0, 0, 0, 0)");
  expect_tampered(0, "a row for chunk 0, which is not complete");
}

TEST_F(SqliteVerifyTest, NamesThatTheirIndexDoesNotFindAreNoticed) {
  append(*open(), 10);
  change_page("name LIKE '%autoindex_names%'",
              [](std::string& page) { page[page.find("researcher")] = 'x'; });
  EXPECT_EQ(open({.read_only = true})->list({.agents = {"researcher"}})->total, 0);
  expect_tampered(0, "some names are not found where they are");
}

// As it goes from row to row, SQLite finds them all; as it looks for one of them, it does not.
TEST_F(SqliteVerifyTest, EventsThatTheirIdDoesNotFindAreNoticed) {
  append(*open(), 600);
  change_page("name = 'events'", [](std::string& page) {
    // The greatest id of the first child (https://www.sqlite.org/fileformat.html#b_tree_pages).
    ASSERT_EQ(page[0], 5);
    const std::size_t cell =
        static_cast<unsigned char>(page[12]) * 256U + static_cast<unsigned char>(page[13]);
    char& key = page[cell + 4];
    key = static_cast<char>(key < 0 ? 0x80 : 1);
  });
  expect_tampered(0, "some events are not found where they are");
}

TEST_F(SqliteVerifyTest, EventsThatTheirOriginDoesNotFindAreNoticed) {
  ASSERT_TRUE(open()->insert_new(std::array{KeyedView(event_at(at(1)), "origin of the event")}));
  change_page("name = 'event_origins'",
              [](std::string& page) { page[page.find("origin of")] = 'x'; });
  expect_tampered(0, "some events are not found where they are");
}

TEST_F(SqliteVerifyTest, ADeletedEventIsNamed) {
  append(*open(), 1'000);
  change("DELETE FROM events WHERE id BETWEEN 500 AND 502");
  expect_tampered(500, "events 500 to 502 are gone, and no `pruned` event says so");
}

TEST_F(SqliteVerifyTest, TheFirstEventDeletedIsNamed) {
  append(*open(), 10);
  change("DELETE FROM events WHERE id = 1");
  expect_tampered(1, "event 1 is gone");
}

TEST_F(SqliteVerifyTest, ACutEndIsNoticedWhereTheTreeStays) {
  append(*open(), 1'000);
  change("DELETE FROM events WHERE id > 900");
  expect_tampered(901, "events 901 to 1000 at the end of the trail are gone");
}

TEST_F(SqliteVerifyTest, AnInsertedEventHasNoLeaf) {
  append(*open(), 10);
  change(
      "INSERT INTO events SELECT 11, timestamp, recorded_at, category, action, agent, status,"
      " source, target, principal, conversation, duration_ms, trace_id, span_id,"
      " parent_span_id, summary, detail, nonce, NULL FROM events WHERE id = 10");
  expect_tampered(11, "event 11 has no leaf");
  change("UPDATE events SET id = -5 WHERE id = 11");
  expect_tampered(-5, "has an id that no store gives");
}

TEST_F(SqliteVerifyTest, AForgedIdFarAwayTakesNoTime) {
  append(*open(), 10);
  change("UPDATE events SET id = 4611686018427387904 WHERE id = 10");
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_EQ(result.integrity.first.back(),
            (VerifyFinding{.id = 4'611'686'018'427'387'904,
                           .what = "event 4611686018427387904 has no leaf"}));
}

TEST_F(SqliteVerifyTest, SwappedEventsAreBothNamed) {
  const auto store = open();
  for (int i = 1; i <= 5; ++i) {
    Event event = event_at(at(i));
    event.summary = std::to_string(i);
    ASSERT_TRUE(store->insert(event));
  }
  change(
      "UPDATE events SET id = 100 WHERE id = 2; UPDATE events SET id = 2 WHERE id = 4;"
      "UPDATE events SET id = 4 WHERE id = 100");
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::tampered);
  EXPECT_GE(result.integrity.total, 2);
  EXPECT_EQ(result.integrity.first[0].id, 2);
}

TEST_F(SqliteVerifyTest, AChangedLeafIsNoticedByTheTreeAboveIt) {
  append(*open(), 600);
  // The row and its leaf agree: only the node above tells.
  change("UPDATE events SET summary = 'x' WHERE id = 100");
  change("CREATE TABLE copy AS SELECT * FROM tree");
  rebuild_tree();
  change(
      "UPDATE tree SET data = (SELECT data FROM copy WHERE copy.key = tree.key)"
      " WHERE key >= 1 << 40; DROP TABLE copy");
  expect_tampered(1, "the ledger's tree disagrees with the leaves of the events from 1 on");
}

TEST_F(SqliteVerifyTest, AChangedUpperNodeIsNoticed) {
  append(*open(), 70'000);
  change("UPDATE tree SET data = zeroblob(length(data)) WHERE key = 2 << 40");
  expect_tampered(0, "disagrees with itself at level 1");
}

TEST_F(SqliteVerifyTest, AMissingOrBrokenTreeIsNotIntact) {
  append(*open(), 1'000);
  change("UPDATE tree SET data = substr(data, 1, 100) WHERE key = 1");
  EXPECT_EQ(verified().verdict, Verdict::tampered);
  change("DELETE FROM tree WHERE key = 0");
  EXPECT_EQ(verified().verdict, Verdict::tampered);
  change("DELETE FROM tree");
  expect_tampered(1, "event 1 has no leaf");
}

TEST_F(SqliteVerifyTest, ALeafThatIsMissingBeforeTheLastOnesIsNamed) {
  append(*open(), 1'000);
  change("DELETE FROM tree WHERE key = 0");
  expect_tampered(1, "the ledger lacks the leaf of event 1");
}

TEST_F(SqliteVerifyTest, EventsThatWereGoneBeforeTheLedgerBeganAreCounted) {
  const auto without = open({.ledger = false});
  append(*without, 10);
  ASSERT_EQ(without->prune_before(at(4)).value(), 3);
  append(*open(), 1);
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.absent, 3);
  EXPECT_EQ(result.events + result.absent, result.leaves);
}

TEST_F(SqliteVerifyTest, ATimeThatGoesBackIsNoticedWithARebuiltTree) {
  append(*open(), 10);
  change("UPDATE events SET recorded_at = 5 WHERE id = 4");
  rebuild_tree();
  expect_tampered(4, "event 4 was recorded before the one that precedes it");
}

TEST_F(SqliteVerifyTest, ATimeThatGoesBackFromOneChunkToTheNextIsNoticed) {
  append(*open(), chunk_events + 10);
  change("UPDATE events SET recorded_at = 5 WHERE id > " + std::to_string(chunk_events));
  rebuild_tree();
  expect_tampered(chunk_events + 1, "were recorded before those that precede them");
}

TEST_F(SqliteVerifyTest, PrunedEventsAreNoFault) {
  const auto store = open();
  append(*store, 2 * chunk_events + 100);
  ASSERT_EQ(store->prune_before(at(chunk_events + 50)).value(), chunk_events + 49);
  append(*store, 10);
  ASSERT_EQ(store->prune_before(at(chunk_events + 60)).value(), 10 + 10);
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::intact) << result.integrity.first.at(0).what;
  EXPECT_EQ(result.pruned, chunk_events + 69);
}

TEST_F(SqliteVerifyTest, APruneThatWasStoppedIsNoFault) {
  const auto store = open();
  append(*store, 12'000);
  std::stop_source stop;
  PruneOpts opts;
  opts.cutoff = at(11'000);
  opts.keep_pace = false;
  opts.progress = [&](const PruneProgress&) { stop.request_stop(); };
  ASSERT_FALSE(store->prune_before(opts, stop.get_token()));
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_GT(result.pruned, 0);
  EXPECT_LT(result.pruned, 10'999);
}

TEST_F(SqliteVerifyTest, ADeletionBesideAPruneIsNamed) {
  const auto store = open();
  append(*store, 1'000);
  ASSERT_TRUE(store->prune_before(at(100)));
  change("DELETE FROM events WHERE id IN (100, 300)");
  expect_tampered(100, "event 100 is gone");
}

TEST_F(SqliteVerifyTest, APruneWithoutItsEventIsNamed) {
  const auto store = open();
  append(*store, 100);
  ASSERT_TRUE(store->prune_before(at(10)));
  change("DELETE FROM events WHERE action = (SELECT id FROM names WHERE name = 'pruned')");
  expect_tampered(1, "events 1 to 9 are gone");
}

// It may have come with an import, or name what had not happened yet.
TEST_F(SqliteVerifyTest, OnlyTheTrailsOwnRecordsExcuseADeletion) {
  const auto store = open();
  append(*store, 10);
  Event record = event_at(at(1));
  record.category = category::audit;
  record.action = action::pruned;
  record.detail = R"({"ids":"3","trail":"00000000000000000000000000000000"})";
  ASSERT_TRUE(store->insert(record));
  record.detail = R"({"ids":"1-20","trail":")" + store->info()->trail_id + R"("})";
  ASSERT_TRUE(store->insert(record));
  change("DELETE FROM events WHERE id = 3");
  expect_tampered(3, "event 3 is gone");
}

// Each other event is old, so that the ids are as many ranges: more than one record names.
TEST_F(SqliteVerifyTest, APruneOfManyRangesIsNamedBySeveralRecords) {
  const auto store = open();
  constexpr std::int64_t events = 90'000;
  std::vector<Event> all(2'000, event_at(at(100)));
  for (std::size_t i = 0; i < all.size(); i += 2) all[i].timestamp = at(1);
  const std::vector<EventView> views(all.begin(), all.end());
  for (std::int64_t stored = 0; stored < events; stored += std::ssize(views)) {
    ASSERT_TRUE(store->insert_batch(views));
  }
  PruneOpts opts;
  opts.cutoff = at(50);
  opts.keep_pace = false;
  ASSERT_EQ(store->prune_before(opts, {}), events / 2);
  EXPECT_EQ(store->list({.categories = {"audit"}})->total, 2);
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.pruned, events / 2);
}

TEST_F(SqliteVerifyTest, OfManyFindingsAHundredAreKeptAndAllCounted) {
  append(*open(), 1'000);
  change("UPDATE events SET summary = 'x' WHERE id % 2 = 0");
  const Verification result = verified();
  EXPECT_EQ(result.integrity.total, 500);
  EXPECT_EQ(result.integrity.first.size(), VerifyFindings::kept_max);
  EXPECT_EQ(result.integrity.first.front().id, 2);
  EXPECT_EQ(result.integrity.first.back().id, 200);
}

TEST_F(SqliteVerifyTest, ATimeLimitForIntentsThatHasNoEndIsNone) {
  ASSERT_TRUE(open()->insert(act("pending", "b7ad6b7169203331")));
  EXPECT_EQ(verified({.pending_max = std::chrono::nanoseconds::max()}).verdict, Verdict::intact);
}

TEST_F(SqliteVerifyTest, DamagedColumnsAreNamed) {
  append(*open(), chunk_events + 5);
  change("UPDATE columns SET data = zeroblob(length(data)) WHERE key = 1 << 40");
  expect_tampered(1, "agentaudit repair");
}

TEST_F(SqliteVerifyTest, EventsThatWaitForTheirLeavesAreCounted) {
  append(*open({.ledger = false}), 3'000);
  append(*open(), 1);
  const Verification result = verified();
  EXPECT_EQ(result.verdict, Verdict::intact);
  EXPECT_EQ(result.waiting, 3'001 - 2'048);
  EXPECT_EQ(result.leaves, 2'048);
  change("UPDATE trail SET value = 0 WHERE key = 'ledger_backlog'");
  expect_tampered(2'049, "event 2049 has no leaf");
}

TEST_F(SqliteVerifyTest, AGapIsTold) {
  const auto store = open();
  append(*store, 3);
  Event gap = event_at(at(1));
  gap.category = category::audit;
  gap.action = action::gap;
  gap.summary = "12 events were not recorded: buffer_full";
  ASSERT_TRUE(store->insert(gap));
  expect_incomplete(4, "12 events were not recorded");
}

TEST_F(SqliteVerifyTest, AnIntentThatNeverEndedIsTold) {
  const auto store = open();
  ASSERT_TRUE(store->insert(act("pending", "b7ad6b7169203331")));
  ASSERT_TRUE(store->insert(act("pending", "b7ad6b7169203332")));
  ASSERT_TRUE(store->insert(act("ok", "b7ad6b7169203332")));
  Event fresh = act("pending", "b7ad6b7169203333");
  fresh.timestamp = Timestamp::now();
  ASSERT_TRUE(store->insert(fresh));
  expect_incomplete(1, "never ended");
}

TEST_F(SqliteVerifyTest, AnActAfterItsDenialIsTold) {
  const auto store = open();
  ASSERT_TRUE(store->insert(act("ok", "b7ad6b7169203331")));
  ASSERT_TRUE(store->insert(act("denied", "b7ad6b7169203331")));
  ASSERT_TRUE(store->insert(act("error", "b7ad6b7169203331")));
  ASSERT_TRUE(store->insert(act("ok", "b7ad6b7169203332", "b7ad6b7169203331")));
  EXPECT_EQ(verified().verdict, Verdict::intact);
  ASSERT_TRUE(store->insert(act("ok", "b7ad6b7169203331")));
  expect_incomplete(5, "event 5 was done after event 2 had denied it");
}

TEST_F(SqliteVerifyTest, AnActWhoseApprovalWasDeniedIsTold) {
  const auto store = open();
  ASSERT_TRUE(store->insert(act("denied", "b7ad6b7169203331", "", "approval")));
  ASSERT_TRUE(store->insert(act("ok", "b7ad6b7169203332", "b7ad6b7169203331")));
  expect_incomplete(2, "event 2 was done after event 1 had denied it");
}

TEST_F(SqliteVerifyTest, ProgressReachesItsEnd) {
  append(*open(), 3 * chunk_events);
  std::int64_t last = 0;
  VerifyOpts opts;
  opts.progress = [&](std::int64_t done, std::int64_t total) {
    EXPECT_GT(done, last);
    last = done;
    EXPECT_EQ(total, 3 * chunk_events);
  };
  verified(opts);
  EXPECT_EQ(last, 3 * chunk_events);
}

TEST_F(SqliteVerifyTest, ATrailBeforeTheLedgerSaysSo) {
  append(*open(), 3);
  change(back_to_version_3);
  const auto result = open({.read_only = true})->verify({}, {});
  ASSERT_EQ(error_code(result), ErrorCode::unsupported);
  EXPECT_NE(result.error().message.find("agentaudit migrate"), std::string::npos);
}

TEST_F(SqliteVerifyTest, AStopEndsIt) {
  append(*open(), 2 * chunk_events);
  std::stop_source stop;
  VerifyOpts opts;
  opts.progress = [&](std::int64_t, std::int64_t) { stop.request_stop(); };
  EXPECT_EQ(error_code(open({.read_only = true})->verify(opts, stop.get_token())),
            ErrorCode::cancelled);
}

// Does to a trail what its writers and others may do, in any order.
void live(const std::filesystem::path& path) {
  std::vector<std::shared_ptr<SqliteStore>> stores;
  const auto open_one = [&] {
    SqliteStoreOptions options;
    options.ledger = *rc::gen::weightedElement<bool>({{4, true}, {1, false}});
    options.checkpoint_on_close = *rc::gen::arbitrary<bool>();
    stores.push_back(SqliteStore::open(path, options).value());
  };
  open_one();
  std::int64_t seconds = 1;
  for (int step = *rc::gen::inRange(1, 10); step > 0; --step) {
    const int what = *rc::gen::inRange(0, 6);
    if (what == 0) {
      open_one();
    } else if (what == 1) {
      (void)stores.back()->prune_before(at(*rc::gen::inRange<std::int64_t>(0, seconds + 5)));
    } else if (what == 2 && stores.size() > 1) {
      stores.pop_back();
    } else {
      const auto count = *rc::gen::inRange<std::int64_t>(1, 400);
      const auto writer = *rc::gen::inRange<std::size_t>(0, stores.size());
      append(*stores[writer], count, *rc::gen::arbitrary<bool>() ? seconds : 1);
      seconds += count;
    }
  }
  const Verification result = stores.back()->verify({}, {}).value();
  RC_ASSERT(result.integrity.first == std::vector<VerifyFinding>{});
  RC_ASSERT(result.verdict == Verdict::intact);
}

// A thousand trails: RapidCheck tries a hundred times.
RC_GTEST_PROP(SqliteVerify, NoCleanTrailRaisesAnAlarm, ()) {
  const ScratchDirectory scratch;
  for (int i = 0; i < 10; ++i) live(scratch / (std::to_string(i) + ".db"));
}

}  // namespace
}  // namespace agentaudit
