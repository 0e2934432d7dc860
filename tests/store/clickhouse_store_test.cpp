#include "agentaudit/store/clickhouse_store.h"

#include <random>
#include <stop_token>
#include <utility>

#include <gtest/gtest.h>

#include "core/bytes.h"
#include "ledger/checkpoint.h"
#include "ledger/leaf.h"
#include "store/clickhouse_schema.h"
#include "store/clickhouse_server.h"
#include "store/clickhouse_writer.h"
#include "store/error_code.h"
#include "store/model_store.h"

namespace agentaudit {
namespace {

const std::string trail_a(32, 'a');
const std::string trail_b(32, 'b');

Event random_event(std::mt19937& random) {
  const auto one_of = [&](std::initializer_list<const char*> names) {
    return std::string(names.begin()[random() % names.size()]);
  };
  Event event;
  event.timestamp = Timestamp::from_ns(1'790'000'000'000'000'000 +
                                       static_cast<std::int64_t>(random() % 50) * 1'000'000'007);
  event.category = one_of({"tool_call", "approval", "llm"});
  event.action = one_of({"execute", "complete"});
  event.agent = one_of({"a", "b'\\", "c\xff", ""});
  event.summary = one_of({"Plain", "100% of_it", "\xc3\x84pfel", "tab\tand\n", "NEEDLE here"});
  event.detail = one_of({"{}", "{\"x\":\"Needle\"}", "\xff\xfe"}) + std::string(1, '\0');
  event.status = one_of({"ok", "error", "denied", "pending"});
  event.duration = std::chrono::milliseconds(random() % 40);
  event.source = one_of({"engine", "hook"});
  event.conversation_id = one_of({"c1", "c2", ""});
  event.target = one_of({"shell", "needle", ""});
  event.trace_id = one_of({"", "4bf92f3577b34da6a3ce929d0e0e4736"});
  event.span_id = one_of({"", "s1", "s2", "s3", "s4", "s5"});
  event.parent_span_id = one_of({"", "s1", "s3"});
  return event;
}

class ClickhouseStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = ClickhouseServer::shared();
    if (server_ == nullptr) GTEST_SKIP() << "clickhouse-server is not installed";
    static int number = 0;
    database_ = "fleet" + std::to_string(++number);
    url_ = server_->url(database_);
    const auto ddl = clickhouse_schema::ddl({.database = database_});
    ASSERT_TRUE(ddl);
    const auto client = ClickhouseClient::make(*ClickhouseAddress::parse(url_));
    std::string_view rest = *ddl;
    while (!rest.empty()) {
      const auto end = rest.find(";\n");
      const auto done = (*client)->query(rest.substr(0, end));
      ASSERT_TRUE(done) << done.error().message;
      rest.remove_prefix(end + 2);
    }
    auto writer = ClickhouseWriter::open(url_);
    ASSERT_TRUE(writer) << writer.error().message;
    writer_ = std::move(*writer);
  }

  std::unique_ptr<ClickhouseStore> open(const std::string& query = "") {
    auto store = ClickhouseStore::open(url_ + query);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }

  Result<void> send(const std::string& trail, const std::vector<Event>& events) {
    std::vector<RecordedEvent> recorded;
    for (const Event& event : events) {
      std::string entry;
      append_entry(entry, event, event.timestamp, commitments_of(event, nonce_));
      recorded.push_back({.event = event,
                          .recorded_at = event.timestamp,
                          .leaf = std::string(view_of(leaf_hash(entry))),
                          .nonce = nonce_});
    }
    return writer_->insert(trail, recorded);
  }

  static std::vector<Event> some(int count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<Event> events;
    for (int i = 1; i <= count; ++i) {
      events.push_back(random_event(random));
      events.back().id = i;
    }
    return events;
  }

  ClickhouseServer* server_ = nullptr;
  std::string database_;
  std::string url_;
  std::string nonce_ = std::string(32, 'n');
  std::unique_ptr<ClickhouseWriter> writer_;
};

TEST_F(ClickhouseStoreTest, ABlockThatIsSentTwiceIsThereOnce) {
  const auto events = some(100, 1);
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
  const auto events = some(400, 2);
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

TEST_F(ClickhouseStoreTest, CutsAHistogramAsSqliteDoes) {
  const auto sqlite = open_store(":memory:");
  ASSERT_TRUE(sqlite) << sqlite.error().message;
  const auto events = some(400, 9);
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

TEST_F(ClickhouseStoreTest, TellsTrailsApartAndNamesThoseInTroubleFirst) {
  auto gappy = some(10, 3);
  ASSERT_TRUE(send(trail_a, gappy));
  gappy.erase(gappy.begin() + 4);
  ASSERT_TRUE(send(trail_b, gappy));
  const std::string forked(32, 'f');
  ASSERT_TRUE(send(forked, some(3, 4)));
  ASSERT_TRUE(send(forked, some(3, 5)));
  const auto store = open();
  const auto trails = store->trails({});
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
    const auto page = store->fleet_list(opts, {});
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->trails.size(), page->page.events.size());
    seen += page->page.events.size();
    opts.cursor = page->page.next_cursor;
  } while (!opts.cursor.empty());
  EXPECT_GE(seen, 22U);
  EXPECT_EQ(error_code(store->get(1)), ErrorCode::invalid_argument);
}

TEST_F(ClickhouseStoreTest, KeepsTheGreatestCheckpointAndSeesTwoOfOneSize) {
  ASSERT_TRUE(send(trail_a, some(5, 6)));
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
  EXPECT_EQ(*writer_->position(trail_a), (FleetPosition{.last_id = 5, .tree_size = 5}));
  const auto store = open();
  const auto trails = store->trails({});
  ASSERT_TRUE(trails) << trails.error().message;
  ASSERT_EQ(trails->size(), 1U);
  EXPECT_EQ(trails->front().checkpoint_size, 5);
  EXPECT_EQ(trails->front().checkpoint, note(5, 1));
  EXPECT_FALSE(trails->front().forked);
  ASSERT_TRUE(writer_->checkpoint(trail_a, note(5, 9)));
  EXPECT_TRUE(store->trails({})->front().forked);
  EXPECT_EQ(error_code(writer_->checkpoint(trail_a, "no note")), ErrorCode::parse);
}

TEST_F(ClickhouseStoreTest, IsOpenedByItsUrlAndRefusesToWrite) {
  ASSERT_TRUE(send(trail_a, some(3, 7)));
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

TEST_F(ClickhouseStoreTest, RefusesIdsThatDoNotGrow) {
  auto events = some(3, 8);
  std::swap(events[1], events[2]);
  EXPECT_EQ(error_code(send(trail_a, events)), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(send("x", some(1, 8))), ErrorCode::invalid_argument);
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
