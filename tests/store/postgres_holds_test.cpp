// Legal holds of a trail in PostgreSQL: months that a prune drops, many holds, and who may give
// one.

#include "agentaudit/core/names.h"
#include "store/error_code.h"
#include "store/postgres_schema.h"
#include "store/postgres_trail.h"

namespace agentaudit {
namespace {

using std::chrono::hours;

class PostgresHoldsTest : public PostgresTrailTest {
 protected:
  void insert_of(const std::string& agent, Timestamp timestamp, std::size_t count = 1) {
    Event one = event(timestamp);
    one.agent = agent;
    const std::vector<EventView> events(count, one);
    ASSERT_TRUE(store_->insert_batch(events));
  }

  std::int64_t months() {
    return number(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'agentaudit_events'::regclass");
  }

  std::int64_t count_of(const std::string& agent) {
    return store_->list(ListOpts{.agents = {agent}})->total;
  }

  const Timestamp now_ = Timestamp::now();
  const Timestamp old_ = now_.minus(hours(24 * 100));
  const Timestamp cutoff_ = now_.minus(hours(24 * 50));
};

TEST_F(PostgresHoldsTest, AMonthWithHeldEventsIsDroppedAndWhatIsHeldStays) {
  insert_of("ada", old_, 5);
  insert_of("bo", old_, 50);
  insert_of("ada", now_);
  ASSERT_TRUE(store_->add_hold({.agent = "ada", .reason = "case 7"}));
  ASSERT_EQ(months(), 3);  // two months, and all the rest
  PruneProgress last;
  PruneOpts opts;
  opts.cutoff = cutoff_;
  opts.progress = [&](const PruneProgress& progress) { last = progress; };
  EXPECT_EQ(store_->prune_before(opts, {}), 50);
  EXPECT_EQ(last.held, 5);
  EXPECT_EQ(last.scanned, last.total);
  EXPECT_EQ(months(), 2);
  EXPECT_EQ(count_of("ada"), 6);
  EXPECT_EQ(count_of("bo"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM agentaudit_events_rest"), 5);
  EXPECT_EQ(store_->stats(StatsOpts{.until = cutoff_})->total, 5);
  EXPECT_EQ(verify().verdict, Verdict::intact);
  EXPECT_EQ(verify().pruned, 50);
  // A late event makes the month anew, with what was held of it.
  insert_of("bo", old_);
  EXPECT_EQ(months(), 3);
  EXPECT_EQ(number("SELECT count(*) FROM agentaudit_events_rest"), 0);
  ASSERT_TRUE(store_->release_hold(1, "kim", "closed"));
  EXPECT_EQ(store_->prune_before(opts, {}), 6);
  EXPECT_EQ(months(), 2);
  EXPECT_EQ(count_of("ada"), 1);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresHoldsTest, AMonthOfWhichMuchIsHeldIsNotMoved) {
  insert_of("ada", old_, 4'097);
  insert_of("bo", old_, 10);
  ASSERT_TRUE(store_->add_hold({.agent = "ada", .reason = "case 7"}));
  EXPECT_EQ(store_->prune_before(cutoff_), 10);
  EXPECT_EQ(number("SELECT count(*) FROM agentaudit_events_rest"), 0);
  EXPECT_EQ(count_of("ada"), 4'097);
  EXPECT_EQ(count_of("bo"), 0);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresHoldsTest, AHoldThatComesBetweenTwoMonthsProtectsTheSecond) {
  insert_of("ada", old_, 5);
  insert_of("ada", old_.minus(hours(24 * 60)), 5);
  insert_of("bo", old_, 5);
  PruneOpts opts;
  opts.cutoff = cutoff_;
  bool added = false;
  opts.progress = [&](const PruneProgress&) {
    if (added) return;
    EXPECT_TRUE(store_->add_hold({.agent = "ada", .reason = "now"}));
    added = true;
  };
  EXPECT_EQ(store_->prune_before(opts, {}), 10);
  EXPECT_EQ(count_of("ada"), 5);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresHoldsTest, AReleaseBetweenTwoMonthsDeletesNothingThatNoRecordNames) {
  insert_of("ada", old_, 5);
  insert_of("bo", old_, 5);
  insert_of("bo", old_.minus(hours(24 * 60)), 5);
  ASSERT_TRUE(store_->add_hold({.agent = "ada", .reason = "a"}));
  PruneOpts opts;
  opts.cutoff = cutoff_;
  bool released = false;
  opts.progress = [&](const PruneProgress&) {
    if (released) return;
    EXPECT_TRUE(store_->release_hold(1, "kim", "closed"));
    released = true;
  };
  EXPECT_EQ(store_->prune_before(opts, {}), 10);
  EXPECT_EQ(count_of("ada"), 5);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresHoldsTest, ThousandsOfHoldsDoNotHinderAPrune) {
  change(
      "INSERT INTO agentaudit_holds SELECT i, NULL, 'c-' || i,"
      " CASE WHEN i % 50 = 0 THEN 0 END, NULL, 'r', 'p', 0 FROM generate_series(1, 1500) AS i");
  insert_of("ada", now_, 5'000);
  Event held = event(now_);
  held.conversation_id = "c-1500";
  ASSERT_TRUE(store_->insert(held));
  EXPECT_EQ(store_->prune_before(now_.minus(-hours(1))), 5'000);
  EXPECT_TRUE(store_->get(5'001));
  EXPECT_EQ(store_->holds()->size(), 1'500U);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresHoldsTest, TwoStoresNeverGiveTheSameNumber) {
  const auto other = PostgresStore::open(server_->url(schema_));
  ASSERT_TRUE(other);
  EXPECT_EQ(store_->add_hold({.agent = "ada", .reason = "a"}), 1);
  EXPECT_EQ((*other)->add_hold({.agent = "bo", .reason = "b"}), 2);
  ASSERT_TRUE((*other)->release_hold(2, "kim", "closed"));
  EXPECT_EQ(store_->add_hold({.agent = "cy", .reason = "c"}), 3);
}

TEST_F(PostgresHoldsTest, OnlyAPrunerHoldsRedactsAndSetsRules) {
  server_->run(*postgres_schema::ddl("keeping"));
  const auto as = [&](const std::string& role) { return open_as(role, "keeping"); };
  const auto writer = as("writer");
  ASSERT_TRUE(writer->insert(event(now_)));
  for (const auto& store : {writer, as("reader")}) {
    const auto refused = store->add_hold({.agent = "ada", .reason = "case 7"});
    ASSERT_EQ(error_code(refused), ErrorCode::permission);
    EXPECT_EQ(refused.error().message,
              "this role may not hold events; agentaudit_pruner may (docs/postgres.md)");
    EXPECT_EQ(error_code(store->release_hold(1, "kim", "closed")), ErrorCode::permission);
    EXPECT_EQ(error_code(store->set_retention({.category = "llm", .days = 30})),
              ErrorCode::permission);
    EXPECT_EQ(error_code(store->unset_retention({.category = "llm"})), ErrorCode::permission);
    EXPECT_EQ(error_code(store->redact({.id = 1, .detail = true})), ErrorCode::permission);
    EXPECT_EQ(error_code(store->prune_before(now_)), ErrorCode::permission);
    EXPECT_EQ(store->last_id(), 1);
  }
  const auto pruner = as("pruner");
  EXPECT_EQ(pruner->add_hold({.agent = "ada", .reason = "case 7"}), 1);
  EXPECT_EQ(writer->holds()->size(), 1U);
  EXPECT_TRUE(pruner->release_hold(1, "kim", "closed"));
  EXPECT_TRUE(pruner->set_retention({.category = "llm", .days = 30}));
  EXPECT_EQ(writer->retention()->size(), 1U);
  EXPECT_TRUE(pruner->unset_retention({.category = "llm"}));
  EXPECT_TRUE(pruner->redact({.id = 1, .summary = true}));
  EXPECT_TRUE(pruner->redact({.id = 1, .detail = true}));
  EXPECT_EQ(writer->verify({}, {})->verdict, Verdict::intact);
}

TEST_F(PostgresHoldsTest, AReadOnlyStoreReadsWhatIsHeldAndChangesNothing) {
  ASSERT_TRUE(store_->add_hold({.agent = "ada", .reason = "case 7"}));
  PostgresStoreOptions options;
  options.read_only = true;
  open(options);
  EXPECT_EQ(store_->holds()->size(), 1U);
  EXPECT_TRUE(store_->retention()->empty());
  EXPECT_EQ(error_code(store_->add_hold({.agent = "bo", .reason = "b"})), ErrorCode::read_only);
  EXPECT_EQ(error_code(store_->redact({.id = 1, .detail = true})), ErrorCode::read_only);
}

}  // namespace
}  // namespace agentaudit
