#include "agentaudit/store/postgres_store.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "agentaudit/core/names.h"
#include "store/error_code.h"
#include "store/postgres_connection.h"
#include "store/postgres_schema.h"
#include "store/postgres_trail.h"

namespace agentaudit {
namespace {

class PostgresStoreTest : public PostgresTrailTest {};

TEST_F(PostgresStoreTest, AnUntouchedTrailIsIntact) {
  insert(1);
  insert(700);
  insert(3);
  const Verification found = verify();
  EXPECT_EQ(found.verdict, Verdict::intact);
  EXPECT_EQ(found.events, 704);
  EXPECT_EQ(found.leaves, 704);
  EXPECT_EQ(found.trail_id, *store_->trail_id());
  EXPECT_EQ(found.root.size(), 44U);
}

TEST_F(PostgresStoreTest, SeveralWritersGrowOneTree) {
  insert(300);
  const auto other = PostgresStore::open(server_->url(schema_));
  const Event one = event(Timestamp::now());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE((*other)->insert(one));
    insert(100);
  }
  EXPECT_EQ(verify().verdict, Verdict::intact);
  EXPECT_EQ(verify().events, 805);
}

TEST_F(PostgresStoreTest, AChangedEventIsFound) {
  insert(600);
  change("UPDATE agentaudit_events SET agent = 'somebody else' WHERE id = 300");
  EXPECT_EQ(first_finding(), "event 300 is not what was recorded");
}

TEST_F(PostgresStoreTest, ADeletedEventIsFound) {
  insert(600);
  change("DELETE FROM agentaudit_events WHERE id BETWEEN 599 AND 600");
  EXPECT_EQ(first_finding(), "events 599 to 600 are gone, and no `pruned` event says so");
}

TEST_F(PostgresStoreTest, AnEventThatCameBesideTheLockIsFound) {
  insert(2);
  change(
      "INSERT INTO agentaudit_events SELECT 3, timestamp, recorded_at, category, action, agent,"
      " summary, detail, status, duration_ms, source, conversation, target, principal, trace_id,"
      " span_id, parent_span_id, nonce FROM agentaudit_events WHERE id = 2");
  EXPECT_EQ(first_finding(), "event 3 came without the trail's lock: none has a leaf");
}

TEST_F(PostgresStoreTest, AChangedTreeIsFound) {
  insert(600);
  change("UPDATE agentaudit_tiles SET hashes = decode(repeat('00', 64), 'hex') WHERE level = 1");
  EXPECT_EQ(first_finding(), "the ledger's tree disagrees with the leaves of the events from 1 on");
}

TEST_F(PostgresStoreTest, MissingHashesAreFoundAndEventsAreRecordedAllTheSame) {
  insert(600);
  change("DELETE FROM agentaudit_tiles WHERE level = 0 AND tile = 2");
  open();
  insert(1);
  EXPECT_EQ(store_->list(ListOpts{})->total, 601);
  EXPECT_EQ(first_finding(), "the ledger's tree lacks hashes of level 0 from 512 on");
}

TEST_F(PostgresStoreTest, WhatAPruneTookIsRecordedAndTheRestIsIntact) {
  const Timestamp now = Timestamp::now();
  insert(500, now.minus(std::chrono::hours(24 * 100)));
  insert(10, now);
  EXPECT_EQ(store_->prune_before(now.minus(std::chrono::hours(24 * 50))), 500);
  const Verification found = verify();
  EXPECT_EQ(found.verdict, Verdict::intact);
  EXPECT_EQ(found.pruned, 500);
  EXPECT_EQ(found.events, 11);
}

TEST_F(PostgresStoreTest, AMonthHasAPartitionThatAPruneDrops) {
  const Timestamp now = Timestamp::now();
  const Timestamp old = now.minus(std::chrono::hours(24 * 100));
  insert(50, old);
  insert(50, now);
  Event record = event(old);
  record.category = category::audit;
  record.action = action::redacted;
  ASSERT_TRUE(store_->insert(record));
  const auto months = [&] {
    const auto connection = PostgresConnection::open(server_->url(schema_), {});
    return (*connection)
        ->number(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'agentaudit_events'::regclass");
  };
  EXPECT_EQ(months().value(), 3);  // two months, and all the rest
  EXPECT_EQ(store_->prune_before(now.minus(std::chrono::hours(24 * 50))), 50);
  EXPECT_EQ(months().value(), 2);
  EXPECT_EQ(store_->list(ListOpts{})->total, 52);  // 50, the kept record, that of the prune
  EXPECT_EQ(verify().verdict, Verdict::intact);
  // A late event makes the month anew, and what waited in the rest moves there.
  insert(1, old);
  EXPECT_EQ(months().value(), 3);
  EXPECT_EQ(store_->list(ListOpts{})->total, 53);
}

TEST_F(PostgresStoreTest, ABatchIsWrittenOnAfterTheServerCameBack) {
  insert(5);
  server_->kill();
  server_->start();
  insert(5);
  EXPECT_EQ(store_->list(ListOpts{})->total, 10);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresStoreTest, AServerThatStaysAwayIsAnErrorInTime) {
  PostgresStoreOptions options;
  options.retry_for = std::chrono::milliseconds(300);
  open(options);
  insert(1);
  server_->kill();
  const Event one = event(Timestamp::now());
  const auto refused = store_->insert(one);
  server_->start();
  EXPECT_EQ(error_code(refused), ErrorCode::io);
  EXPECT_EQ(store_->list(ListOpts{})->total, 1);
  insert(1);
  EXPECT_EQ(store_->list(ListOpts{})->total, 2);
}

TEST_F(PostgresStoreTest, BatchesOfManyKillsAreThereExactlyOnce) {
  const Event one = event(Timestamp::now());
  const std::vector<EventView> batch(50, one);
  std::atomic<bool> stop = false;
  std::vector<IdRange> acknowledged;
  std::thread writer([&] {
    while (!stop) {
      const auto ids = store_->insert_batch(batch);
      ASSERT_TRUE(ids) << ids.error().message;
      acknowledged.push_back(*ids);
    }
  });
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200 + i * 37));
    server_->kill();
    server_->start();
  }
  stop = true;
  writer.join();
  EventId next = 1;
  for (const IdRange& ids : acknowledged) {
    EXPECT_EQ(ids.first, next);
    next = ids.last + 1;
  }
  EXPECT_EQ(store_->list(ListOpts{})->total, next - 1);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresStoreTest, AnEventOfAnOriginIsStoredOnce) {
  const Event one = event(Timestamp::now());
  const std::vector<KeyedView> batch = {{one, "k1"}, {one, ""}, {one, "k1"}, {one, "k2"}};
  const auto first = store_->insert_new(batch);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->ids, (std::vector<EventId>{1, 2, 1, 3}));
  EXPECT_EQ(first->stored, 3);
  const auto again = store_->insert_new(batch);
  EXPECT_EQ(again->ids, (std::vector<EventId>{1, 4, 1, 3}));
  EXPECT_EQ(again->stored, 1);
  EXPECT_EQ(store_->prune_before(Timestamp::now()), 4);
  EXPECT_EQ(store_->insert_new(batch)->stored, 3);
}

TEST_F(PostgresStoreTest, APieceThatIsNoWholeCharacterIsSearchedForByItsBytes) {
  const Timestamp now = Timestamp::now();
  for (const std::string summary : {"caf\xc3\xa9", "caf\xa9", "cafe", "\xc3\xa9"}) {
    ASSERT_TRUE(store_->insert(event(now, summary)));
  }
  ListOpts opts{.search = "F\xc3", .order = Order::commit};
  EXPECT_EQ(store_->list(opts)->total, 1);
  opts.search = "\xa9";
  const auto page = store_->list(opts);
  EXPECT_EQ(page->total, 3);
  opts.limit = 1;
  opts.offset = 1;
  EXPECT_EQ(store_->list(opts)->events[0].id, 2);
  opts.cursor = store_->list(opts)->next_cursor;
  opts.offset = 0;
  EXPECT_EQ(store_->list(opts)->events[0].id, 4);
  EXPECT_EQ(store_->list(opts)->next_cursor, "");
}

TEST_F(PostgresStoreTest, PagesOfASearchByBytesFollowOneAnotherInEveryOrder) {
  const std::vector<int> seconds = {5, 3, 3, 9, 1};
  for (const int second : seconds) {
    ASSERT_TRUE(store_->insert(event(Timestamp::from_ns(second * 1'000'000'000LL), "caf\xa9")));
  }
  const auto pages = [&](Order order) {
    ListOpts opts{.search = "\xa9", .limit = 2, .order = order, .total = TotalMode::none};
    std::vector<EventId> ids;
    do {
      const auto page = store_->list(opts);
      EXPECT_TRUE(page) << page.error().message;
      EXPECT_EQ(page->total, 0);
      EXPECT_FALSE(page->total_exact);
      for (const Event& found : page->events) ids.push_back(found.id);
      opts.cursor = page->next_cursor;
    } while (!opts.cursor.empty());
    return ids;
  };
  EXPECT_EQ(pages(Order::oldest_first), (std::vector<EventId>{5, 2, 3, 1, 4}));
  EXPECT_EQ(pages(Order::newest_first), (std::vector<EventId>{4, 1, 3, 2, 5}));
  EXPECT_EQ(pages(Order::commit), (std::vector<EventId>{1, 2, 3, 4, 5}));
}

TEST_F(PostgresStoreTest, AWriterThatWaitsTooLongIsBusy) {
  PostgresStoreOptions options;
  options.busy_timeout = std::chrono::milliseconds(100);
  open(options);
  const auto other = PostgresConnection::open(server_->url(schema_), {});
  ASSERT_TRUE((*other)->run("BEGIN; SELECT 1 FROM agentaudit_trail FOR UPDATE"));
  EXPECT_EQ(error_code(store_->insert(event(Timestamp::now()))), ErrorCode::busy);
  ASSERT_TRUE((*other)->run("ROLLBACK"));
  EXPECT_TRUE(store_->insert(event(Timestamp::now())));
}

TEST_F(PostgresStoreTest, AQuestionThatTakesTooLongSaysSo) {
  PostgresStoreOptions options;
  options.query_timeout = std::chrono::milliseconds(100);
  open(options);
  const auto other = PostgresConnection::open(server_->url(schema_), {});
  ASSERT_TRUE((*other)->run("BEGIN; LOCK TABLE agentaudit_events"));
  const auto answer = store_->list(ListOpts{});
  EXPECT_EQ(error_code(answer), ErrorCode::deadline);
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    stop.request_stop();
  });
  EXPECT_EQ(error_code(store_->list({}, stop.get_token())), ErrorCode::cancelled);
  ASSERT_TRUE((*other)->run("ROLLBACK"));
  EXPECT_TRUE(store_->list(ListOpts{}));
}

TEST_F(PostgresStoreTest, AReadOnlyStoreReadsAndRefusesToWrite) {
  insert(2);
  PostgresStoreOptions options;
  options.read_only = true;
  open(options);
  EXPECT_EQ(store_->list(ListOpts{})->total, 2);
  EXPECT_EQ(error_code(store_->insert(event(Timestamp::now()))), ErrorCode::read_only);
  EXPECT_EQ(error_code(store_->prune_before(Timestamp::now())), ErrorCode::read_only);
}

TEST_F(PostgresStoreTest, WhatCannotBeOpenedSaysWhyAndNeverThePassword) {
  PostgresStoreOptions reading;
  reading.read_only = true;
  const auto refusal = [&](const std::string& url, ErrorCode code) {
    const auto opened = PostgresStore::open(url, reading);
    EXPECT_EQ(error_code(opened), code) << url;
    if (opened) return std::string();
    EXPECT_EQ(opened.error().message.find("hidden"), std::string::npos) << opened.error().message;
    return opened.error().message;
  };
  const std::string port = std::to_string(server_->port());
  EXPECT_NE(refusal(server_->url_as("tester", "hidden", "postgres"), ErrorCode::permission)
                .find("authentication failed"),
            std::string::npos);
  refusal(server_->url_as("tester", "secret", "nowhere"), ErrorCode::not_found);
  EXPECT_NE(refusal(server_->url("empty_schema"), ErrorCode::not_found).find("no trail"),
            std::string::npos);
  refusal("postgres://u:hidden@127.0.0.1:1/d", ErrorCode::io);
  refusal("postgres://u:hidden@127.0.0.1:" + port + "/d?nonsense=1", ErrorCode::invalid_argument);
  refusal("postgres://u:hidden@[", ErrorCode::invalid_argument);
}

TEST_F(PostgresStoreTest, ATrailOfAnotherFormatIsNotTouched) {
  change("UPDATE agentaudit_trail SET format = format + 1");
  EXPECT_EQ(error_code(PostgresStore::open(server_->url(schema_))), ErrorCode::newer_version);
}

TEST_F(PostgresStoreTest, AnAlteredTableIsSaidToBeOne) {
  change("ALTER TABLE agentaudit_events DROP COLUMN principal CASCADE");
  const auto refused = store_->insert(event(Timestamp::now()));
  ASSERT_EQ(error_code(refused), ErrorCode::corrupt);
  EXPECT_NE(refused.error().message.find("principal"), std::string::npos);
  change("DELETE FROM agentaudit_trail");
  EXPECT_EQ(error_code(store_->insert(event(Timestamp::now()))), ErrorCode::corrupt);
}

TEST_F(PostgresStoreTest, ARoleWithoutRightsIsRefused) {
  change("CREATE ROLE reader_of_" + schema_ + " LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA \"" +
         schema_ + "\" TO reader_of_" + schema_ + "; GRANT SELECT ON ALL TABLES IN SCHEMA \"" +
         schema_ + "\" TO reader_of_" + schema_);
  const auto opened = PostgresStore::open(server_->url_as("reader_of_" + schema_, "r", "postgres") +
                                          "?options=-csearch_path%3D" + schema_);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE((*opened)->list(ListOpts{}));
  EXPECT_EQ(error_code((*opened)->insert(event(Timestamp::now()))), ErrorCode::permission);
}

TEST_F(PostgresStoreTest, TheRolesOfThePrintedSchemaMayDoWhatTheirNamesSay) {
  server_->run(*postgres_schema::ddl("printed"));
  const auto as = [&](const std::string& role) { return open_as(role, "printed"); };
  const Timestamp now = Timestamp::now();
  const Timestamp old = now.minus(std::chrono::hours(24 * 100));
  const auto writer = as("writer");
  const Event kept = event(now);
  const Event gone = event(old);
  const std::vector<KeyedView> batch = {{kept, "k1"}, {gone, "k2"}, {gone, ""}};
  EXPECT_TRUE(writer->insert_new(batch));
  EXPECT_TRUE(writer->insert(kept));
  EXPECT_EQ(error_code(writer->prune_before(now)), ErrorCode::permission);
  const auto reader = as("reader");
  EXPECT_EQ(reader->list(ListOpts{})->total, 4);
  EXPECT_EQ(reader->verify({}, {})->verdict, Verdict::intact);
  EXPECT_EQ(error_code(reader->insert(kept)), ErrorCode::permission);
  const auto info = reader->info();
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->role, "printed_reader");
  EXPECT_FALSE(info->is_owner || info->may_write || info->may_delete);
  EXPECT_EQ(info->events, 4);
  EXPECT_TRUE(writer->info()->may_write);
  EXPECT_FALSE(writer->info()->may_delete);
  EXPECT_EQ(as("pruner")->prune_before(now.minus(std::chrono::hours(24 * 50))), 2);
  EXPECT_EQ(reader->verify({}, {})->verdict, Verdict::intact);
  const auto raw = PostgresConnection::open(
      server_->url_as("printed_writer", "r", "postgres") + "?options=-csearch_path%3Dprinted", {});
  for (const char* sql :
       {"UPDATE agentaudit_events SET agent = 'x'", "DELETE FROM agentaudit_events",
        "TRUNCATE agentaudit_events", "UPDATE agentaudit_trail SET trail_id = 'x'",
        "DELETE FROM agentaudit_tiles"}) {
    EXPECT_EQ(error_code((*raw)->run(sql)), ErrorCode::permission) << sql;
  }
  // Months were made all the same.
  EXPECT_EQ((*raw)
                ->number("SELECT count(*) FROM pg_inherits WHERE inhparent ="
                         " 'agentaudit_events'::regclass")
                .value(),
            3);
}

}  // namespace
}  // namespace agentaudit
