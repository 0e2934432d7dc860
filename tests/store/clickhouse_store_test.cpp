#include "agentaudit/store/clickhouse_store.h"

#include <rapidcheck.h>

#include <algorithm>
#include <stop_token>
#include <utility>

#include <gtest/gtest.h>

#include "core/bytes.h"
#include "ledger/checkpoint.h"
#include "store/clickhouse_fleet.h"
#include "store/clickhouse_writer.h"
#include "store/error_code.h"
#include "store/forked_child.h"
#include "store/model_questions.h"
#include "store/model_store.h"

namespace agentaudit {
namespace {

using ClickhouseStoreTest = ClickhouseFleetTest;

TEST_F(ClickhouseStoreTest, ABlockThatIsSentTwiceIsThereOnce) {
  const auto events = some_events(100, 1);
  ASSERT_TRUE(send(trail_a, events));
  ASSERT_TRUE(send(trail_a, events));
  const auto store = open("?trail=" + trail_a);
  EXPECT_EQ(store->list({})->total, 100);
  EXPECT_EQ(store->stats({})->total, 100);
  EXPECT_EQ(writer_->position(trail_a)->last_id, 100);
  EXPECT_EQ(writer_->position(trail_b)->last_id, 0);
}

TEST_F(ClickhouseStoreTest, AnswersWhatTheModelAnswers) {
  ModelStore model;
  const auto events = some_events(400, 2);
  for (const Event& event : events) model.insert(event);
  ASSERT_TRUE(send(trail_a, events));
  const auto store = open("?trail=" + trail_a);
  std::vector<ListOpts> questions(9);
  questions[1].search = "needle";
  questions[2].search = "% of_";
  questions[3].search = "\xc3\xa4";
  questions[4].agents = {"b'\\", "c\xff"};
  questions[5].exclude_sources = {"hook"};
  questions[6].statuses = {"denied"};
  questions[6].since = events[3].timestamp;
  questions[7].trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  questions[7].conversation_id = "c1";
  questions[8].search = std::string("\xff\xfe\0", 3);
  for (ListOpts& opts : questions) {
    for (const Order order : {Order::commit, Order::oldest_first, Order::newest_first}) {
      opts.order = order;
      opts.limit = 1'000;
      const auto expected = model.list(opts);
      const auto answer = store->list(opts);
      ASSERT_TRUE(answer) << answer.error().message;
      EXPECT_EQ(answer->events, expected.events);
      EXPECT_EQ(answer->total, expected.total);
      opts.limit = 7;
      std::vector<Event> paged;
      do {
        const auto page = store->list(opts);
        ASSERT_TRUE(page) << page.error().message;
        paged.insert(paged.end(), page->events.begin(), page->events.end());
        opts.cursor = page->next_cursor;
      } while (!opts.cursor.empty());
      EXPECT_EQ(paged, expected.events);
    }
  }
  StatsOpts stats_opts;
  stats_opts.now = events[5].timestamp;
  EXPECT_EQ(*store->stats(stats_opts), model.stats(stats_opts));
  GroupsOpts groups_opts;
  for (const GroupBy by :
       {GroupBy::category, GroupBy::action, GroupBy::agent, GroupBy::status, GroupBy::source,
        GroupBy::target, GroupBy::principal, GroupBy::conversation}) {
    groups_opts.by = by;
    EXPECT_EQ(*store->groups(groups_opts, {}), model.groups(groups_opts));
  }
  const auto conversations = store->conversations({}, {});
  ASSERT_TRUE(conversations) << conversations.error().message;
  EXPECT_EQ(conversations->conversations, model.conversations({}));
  const auto open_now = store->open_intents({}, {});
  ASSERT_TRUE(open_now) << open_now.error().message;
  EXPECT_EQ(open_now->events, model.open_intents({}).events);
  EXPECT_EQ(open_now->by_agent, model.open_intents({}).by_agent);
  EXPECT_EQ(*store->get(17), events[16]);
  EXPECT_EQ(error_code(store->get(401)), ErrorCode::not_found);
}

TEST_F(ClickhouseStoreTest, AnswersAnyQuestionAsTheModelDoes) {
  constexpr int cases = 25;
  int made = 0;
  EXPECT_TRUE(rc::check([&] {
    if (++made > cases) return;
    const std::string number = std::to_string(made);
    const std::string trail = std::string(32 - number.size(), '0') + number;
    const auto store = open("?trail=" + trail);
    ModelStore model;
    const int rounds = *rc::gen::inRange(1, 5);
    for (int round = 0; round < rounds; ++round) {
      std::vector<RecordedEvent> events;
      const int count = *rc::gen::inRange(1, 25);
      for (int i = 0; i < count; ++i) {
        Event event = model_questions::random_event();
        event.id = model.last_id() + 1;
        model.insert(event);
        events.push_back({.event = std::move(event),
                          .recorded_at = Timestamp::from_ns(1'790'000'000'000'000'000),
                          .leaf = std::string(32, 'l'),
                          .nonce = ""});
      }
      RC_ASSERT(writer_->insert(trail, events));
      for (int i = 0; i < 3; ++i) model_questions::compare_all(*store, model);
    }
  }));
}

TEST_F(ClickhouseStoreTest, CutsAHistogramAsSqliteDoes) {
  const auto sqlite = open_store(":memory:");
  ASSERT_TRUE(sqlite) << sqlite.error().message;
  const auto events = some_events(400, 9);
  ASSERT_TRUE((*sqlite)->insert_batch(std::vector<EventView>(events.begin(), events.end())));
  ASSERT_TRUE(send(trail_a, events));
  const auto store = open("?trail=" + trail_a);
  for (const int buckets : {1, 7, 1'000}) {
    StatsOpts opts;
    opts.now = events[5].timestamp;
    opts.histogram_buckets = buckets;
    const auto answer = store->stats(opts);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_FALSE(answer->histogram.empty());
    EXPECT_EQ(*answer, *(*sqlite)->stats(opts)) << buckets;
  }
}

// The first question reads the table; from the next on, the cubes of its parts answer.
TEST_F(ClickhouseStoreTest, AHistogramOfManyHoursIsTheSameHoweverItIsRead) {
  constexpr std::int64_t hour_ns = 3'600'000'000'000;
  auto events = some_events(600, 11);
  for (Event& event : events) {
    event.timestamp = Timestamp::from_ns(1'790'000'000'000'000'000 + event.id * 7 * hour_ns / 10);
  }
  ASSERT_TRUE(send(trail_a, events));
  const auto store = open("?trail=" + trail_a);
  for (const int buckets : {1, 10, 200}) {
    for (const bool is_cut : {false, true}) {
      StatsOpts opts;
      opts.now = events[5].timestamp;
      opts.histogram_buckets = buckets;
      if (is_cut) {
        opts.since = events[100].timestamp;
        opts.statuses = {"error", "denied", "pending"};
      }
      const auto read = open("?trail=" + trail_a)->stats(opts);
      ASSERT_TRUE(read) << read.error().message;
      (void)store->stats(opts);
      EXPECT_EQ(*store->stats(opts), *read) << buckets << ' ' << is_cut;
      HistogramBucket sum;
      for (const HistogramBucket& bucket : read->histogram) {
        EXPECT_EQ(bucket.start.ns() % hour_ns, 0);
        sum.total += bucket.total;
        sum.errors += bucket.errors;
        sum.denied += bucket.denied;
        sum.pending += bucket.pending;
      }
      const auto expected = [&](std::string_view status) {
        return std::count_if(events.begin(), events.end(), [&](const Event& event) {
          return event.status == status && (!is_cut || event.timestamp >= *opts.since);
        });
      };
      EXPECT_EQ(sum.total, read->total);
      EXPECT_EQ(sum.errors, expected("error"));
      EXPECT_EQ(sum.denied, expected("denied"));
      EXPECT_EQ(sum.pending, expected("pending"));
    }
  }
}

TEST_F(ClickhouseStoreTest, SomeTrailsOfAFleetAreAStoreOfTheirOwn) {
  ASSERT_TRUE(send(trail_a, some_events(5, 1)));
  ASSERT_TRUE(send(trail_b, some_events(7, 2)));
  EXPECT_EQ((*open()->of_trails({trail_b}))->list({})->total, 7);
  const auto one = open("?trail=" + trail_a);
  EXPECT_EQ((*one->of_trails({trail_a}))->list({})->total, 5);
  const auto refused = one->of_trails({trail_a, trail_b});
  ASSERT_EQ(error_code(refused), ErrorCode::invalid_argument);
  EXPECT_EQ(refused.error().message, "trail " + trail_b + " is none of those that are read here");
  EXPECT_EQ(error_code(one->of_trails({"x"})), ErrorCode::invalid_argument);
}

TEST_F(ClickhouseStoreTest, AStatementIsAsLongAsItMustBe) {
  EXPECT_EQ(run("SELECT length('" + std::string(300'000, 'x') + "')"), "300000\n");
}

TEST_F(ClickhouseStoreTest, TellsTrailsApartAndNamesThoseInTroubleFirst) {
  auto gappy = some_events(10, 3);
  ASSERT_TRUE(send(trail_a, gappy));
  gappy.erase(gappy.begin() + 4);
  ASSERT_TRUE(send(trail_b, gappy));
  const std::string forked(32, 'f');
  ASSERT_TRUE(send(forked, some_events(3, 4)));
  ASSERT_TRUE(send(forked, some_events(3, 5)));
  const auto store = open();
  const auto trails = store->trails({}, std::chrono::hours(1));
  ASSERT_TRUE(trails) << trails.error().message;
  ASSERT_EQ(trails->size(), 3U);
  EXPECT_EQ((*trails)[0].trail_id, forked);
  EXPECT_TRUE((*trails)[0].forked);
  EXPECT_EQ((*trails)[1].trail_id, trail_b);
  EXPECT_EQ((*trails)[1].missing, 1);
  EXPECT_EQ((*trails)[2].events, 10);
  ListOpts opts;
  opts.limit = 4;
  std::size_t seen = 0;
  do {
    const auto page = store->list(opts, {});
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->trails.size(), page->events.size());
    seen += page->events.size();
    opts.cursor = page->next_cursor;
  } while (!opts.cursor.empty());
  EXPECT_GE(seen, 22U);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(error_code(store->get(1)), ErrorCode::invalid_argument) << "several trails have one";
  }
  EXPECT_EQ(error_code((*store->of_trails({forked}))->get(1)), ErrorCode::corrupt);
}

TEST_F(ClickhouseStoreTest, KeepsTheGreatestCheckpointAndSeesTwoOfOneSize) {
  ASSERT_TRUE(send(trail_a, some_events(5, 6)));
  const auto signer = NoteSigner::generate("example.com/log");
  ASSERT_TRUE(signer);
  const auto note = [&](std::uint64_t size, std::uint8_t byte) {
    Checkpoint checkpoint{.origin = "example.com/log", .size = size};
    checkpoint.root.fill(byte);
    return sign_checkpoint(checkpoint, *signer).value();
  };
  ASSERT_TRUE(writer_->checkpoint(trail_a, note(5, 1)));
  ASSERT_TRUE(writer_->checkpoint(trail_a, note(5, 1)));
  ASSERT_TRUE(writer_->checkpoint(trail_a, note(3, 2)));
  EXPECT_EQ(*writer_->position(trail_a),
            (FleetPosition{.last_id = 5,
                           .leaf = recorded_events(some_events(5, 6)).back().leaf,
                           .tree_size = 5,
                           .root = std::string(32, '\1')}));
  const auto store = open();
  const auto trails = store->trails({}, std::chrono::hours(1));
  ASSERT_TRUE(trails) << trails.error().message;
  ASSERT_EQ(trails->size(), 1U);
  EXPECT_EQ(trails->front().checkpoint_size, 5);
  EXPECT_EQ(trails->front().checkpoint, note(5, 1));
  EXPECT_FALSE(trails->front().forked);
  ASSERT_TRUE(writer_->checkpoint(trail_a, note(5, 9)));
  EXPECT_TRUE(store->trails({}, std::chrono::hours(1))->front().forked);
  EXPECT_EQ(error_code(writer_->checkpoint(trail_a, "no note")), ErrorCode::parse);
}

TEST_F(ClickhouseStoreTest, IsOpenedByItsUrlAndRefusesToWrite) {
  ASSERT_TRUE(send(trail_a, some_events(3, 7)));
  const auto store = open_store(url_ + "?trail=" + trail_a);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->list({})->total, 3);
  EXPECT_EQ(error_code((*store)->insert(Event())), ErrorCode::unsupported);
  EXPECT_EQ(error_code((*store)->prune_before(Timestamp::now())), ErrorCode::unsupported);
}

TEST_F(ClickhouseStoreTest, AQuestionThatIsStoppedIsCancelled) {
  const auto store = open();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(error_code(store->list({}, stop.get_token())), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store->stats({}, stop.get_token())), ErrorCode::cancelled);
}

void expect_closed(ClickhouseStore& store) {
  EXPECT_EQ(error_code(store.list({})), ErrorCode::closed);
  EXPECT_EQ(error_code(store.stats({})), ErrorCode::closed);
  EXPECT_EQ(error_code(store.groups({}, {})), ErrorCode::closed);
  EXPECT_EQ(error_code(store.get(1)), ErrorCode::closed);
  EXPECT_EQ(error_code(store.conversations({}, {})), ErrorCode::closed);
  EXPECT_EQ(error_code(store.open_intents({}, {})), ErrorCode::closed);
  EXPECT_EQ(error_code(store.trails({}, std::chrono::hours(1))), ErrorCode::closed);
  EXPECT_EQ(error_code(store.last_id()), ErrorCode::closed);
  EXPECT_EQ(error_code(store.verify({}, {})), ErrorCode::closed);
  EXPECT_EQ(error_code(store.insert(Event())), ErrorCode::closed);
  EXPECT_EQ(error_code(store.prune_before(Timestamp::now())), ErrorCode::closed);
}

TEST_F(ClickhouseStoreTest, AnswersNothingAfterItWasClosed) {
  ASSERT_TRUE(send(trail_a, some_events(3, 7)));
  const auto store = open("?trail=" + trail_a);
  EXPECT_EQ(store->list({})->total, 3);
  EXPECT_TRUE(store->close());
  expect_closed(*store);
  EXPECT_TRUE(store->close());
}

TEST_F(ClickhouseStoreTest, IsClosedInAChildOfFork) {
  ASSERT_TRUE(send(trail_a, some_events(3, 7)));
  auto store = open("?trail=" + trail_a);
  EXPECT_EQ(store->list({})->total, 3);
  ForkedChild child([&] {
    const bool closed = error_code(store->list({})) == ErrorCode::closed &&
                        error_code(store->verify({}, {})) == ErrorCode::closed &&
                        error_code(store->close()) == ErrorCode::closed;
    store.reset();
    return closed ? 0 : 1;
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(store->list({})->total, 3) << "its connection is the parent's still";
}

TEST_F(ClickhouseStoreTest, RefusesIdsThatDoNotGrowAndEventsWithoutLeaves) {
  auto events = some_events(3, 8);
  std::swap(events[1], events[2]);
  EXPECT_EQ(error_code(send(trail_a, events)), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(send("x", some_events(1, 8))), ErrorCode::invalid_argument);
  auto recorded = recorded_events(some_events(2, 8));
  recorded[1].leaf.clear();
  const auto refused = writer_->insert(trail_a, recorded);
  ASSERT_EQ(error_code(refused), ErrorCode::invalid_argument);
  EXPECT_EQ(refused.error().message, "event 2 comes without its leaf");
  EXPECT_EQ(writer_->position(trail_a)->last_id, 0);
}

TEST_F(ClickhouseStoreTest, SaysWhatIsWrong) {
  EXPECT_EQ(error_code(ClickhouseStore::open("clickhouse://h:x/d")), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(ClickhouseStore::open("clickhouse://127.0.0.1:1/d")), ErrorCode::busy);
  EXPECT_EQ(error_code(ClickhouseStore::open(server_->url("nowhere"))), ErrorCode::not_found);
  std::string wrong = url_;
  wrong.replace(wrong.find("secret"), 6, "guess");
  EXPECT_EQ(error_code(ClickhouseStore::open(wrong)), ErrorCode::permission);
  const auto client = ClickhouseClient::make(*ClickhouseAddress::parse(url_));
  ASSERT_TRUE((*client)->query("ALTER TABLE " + database_ + ".events DROP COLUMN nonce"));
  EXPECT_EQ(error_code(ClickhouseStore::open(url_)), ErrorCode::not_a_trail);
}

}  // namespace
}  // namespace agentaudit
