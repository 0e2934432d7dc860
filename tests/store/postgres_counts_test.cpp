// The counts that totals and statistics of a trail in PostgreSQL come from.

#include "agentaudit/store/postgres_store.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/error_code.h"
#include "store/postgres_connection.h"
#include "store/postgres_trail.h"

namespace agentaudit {
namespace {

class PostgresCountsTest : public PostgresTrailTest {
 protected:
  std::int64_t number(const std::string& sql) {
    const auto connection = PostgresConnection::open(server_->url(schema_), {});
    return (*connection)->number(sql).value();
  }

  // As the first version of the tables was.
  void take_counts_away() {
    change(
        "DROP FUNCTION agentaudit_recount(); DROP TABLE agentaudit_counts, agentaudit_series;"
        " DROP FUNCTION agentaudit_series_of; UPDATE agentaudit_trail SET format = 1");
  }
};

TEST_F(PostgresCountsTest, TotalsAndStatisticsReadNoEventsOfWholeHours) {
  insert(10, Timestamp::now().minus(std::chrono::hours(50)));
  // Seen by whoever asks the events, and by nobody else.
  change("UPDATE agentaudit_events SET agent = 'somebody else'");
  EXPECT_EQ(store_->list(ListOpts{.agents = {"researcher"}})->total, 10);
  const Stats stats = store_->stats(StatsOpts{}).value_or(Stats{});
  ASSERT_EQ(stats.by_agent.size(), 1U);
  EXPECT_EQ(stats.by_agent[0], (NameCount{.name = "researcher", .count = 10}));
}

TEST_F(PostgresCountsTest, APeriodOfEveryLevelIsCountedOnce) {
  const Timestamp now = Timestamp::now();
  for (int hours = 0; hours < 3'000; hours += 101) insert(1, now.minus(std::chrono::hours(hours)));
  EXPECT_EQ(number("SELECT count(DISTINCT level) FROM agentaudit_counts"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM (SELECT sum(events) AS n FROM agentaudit_counts"
                   " GROUP BY level) AS levels WHERE n <> 30"),
            0);
  for (int hours = 0; hours < 3'000; hours += 101) {
    const Timestamp since = now.minus(std::chrono::hours(hours));
    EXPECT_EQ(store_->list(ListOpts{.since = since})->total, hours / 101 + 1);
  }
}

TEST_F(PostgresCountsTest, LongNamesAreCountedToo) {
  std::vector<Event> events(10, event(Timestamp::now()));
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].target = std::string(std::size_t{500} << 10U, static_cast<char>('a' + i));
  }
  const std::vector<EventView> views(events.begin(), events.end());
  ASSERT_TRUE(store_->insert_batch(views));
  EXPECT_EQ(store_->stats(StatsOpts{})->by_target.size(), 10U);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresCountsTest, WrongCountsAreFoundAndCountedAnew) {
  insert(10);
  change("UPDATE agentaudit_counts SET events = 11 WHERE level = 1");
  EXPECT_EQ(first_finding(),
            "1 counts of totals and statistics are not what the events add up to; SELECT "
            "agentaudit_recount() counts them anew");
  change("SELECT agentaudit_recount()");
  EXPECT_EQ(verify().verdict, Verdict::intact);
  change("UPDATE agentaudit_series SET agent = 'somebody else'");
  EXPECT_EQ(verify().verdict, Verdict::tampered);
  change("DELETE FROM agentaudit_series");
  EXPECT_EQ(verify().verdict, Verdict::tampered);
  change("SELECT agentaudit_recount()");
  EXPECT_EQ(verify().verdict, Verdict::intact);
  EXPECT_EQ(store_->stats(StatsOpts{})->total, 10);
}

TEST_F(PostgresCountsTest, CountsOfEventsThatAreNotThereAreAnErrorThatNamesThem) {
  insert(10, Timestamp::now().minus(std::chrono::hours(50)));
  change("DELETE FROM agentaudit_events");
  const auto stats = store_->stats(StatsOpts{});
  ASSERT_EQ(error_code(stats), ErrorCode::corrupt);
  EXPECT_NE(stats.error().message.find("agentaudit_recount()"), std::string::npos);
}

TEST_F(PostgresCountsTest, NothingIsLeftOfASeriesWhoseEventsWerePruned) {
  const Timestamp now = Timestamp::now();
  const Timestamp old = now.minus(std::chrono::hours(24 * 100));
  Event late = event(old);
  late.agent = "gone with its month";
  ASSERT_TRUE(store_->insert(late));
  late.timestamp = now.minus(std::chrono::hours(1));
  late.agent = "gone by itself";
  ASSERT_TRUE(store_->insert(late));
  insert(1, now);
  EXPECT_EQ(store_->prune_before(now), 2);
  EXPECT_EQ(number("SELECT count(*) FROM agentaudit_series WHERE agent LIKE 'gone%'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM agentaudit_counts WHERE events = 0"), 0);
  EXPECT_EQ(verify().verdict, Verdict::intact);
}

TEST_F(PostgresCountsTest, ATrailWithoutCountsGetsThemWhenAWriterOpensIt) {
  const Timestamp now = Timestamp::now();
  insert(10, now.minus(std::chrono::hours(50)));
  insert(5, now);
  take_counts_away();
  PostgresStoreOptions reading;
  reading.read_only = true;
  const auto refused = PostgresStore::open(server_->url(schema_), reading);
  ASSERT_EQ(error_code(refused), ErrorCode::read_only);
  EXPECT_NE(refused.error().message.find("has format 1"), std::string::npos);
  open();
  EXPECT_EQ(number("SELECT format FROM agentaudit_trail"), 2);
  EXPECT_EQ(store_->stats(StatsOpts{})->total, 15);
  EXPECT_EQ(verify().verdict, Verdict::intact);
  insert(1, now);
  EXPECT_EQ(store_->list(ListOpts{})->total, 16);
}

TEST_F(PostgresCountsTest, WhoDoesNotOwnATrailWithoutCountsIsToldWhoMayAddThem) {
  take_counts_away();
  const std::string role = "writer_of_" + schema_;
  change("CREATE ROLE " + role + " LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA \"" + schema_ +
         "\" TO " + role + "; GRANT ALL ON ALL TABLES IN SCHEMA \"" + schema_ + "\" TO " + role);
  const auto refused = PostgresStore::open(server_->url_as(role, "r", "postgres") +
                                           "?options=-csearch_path%3D" + schema_);
  ASSERT_EQ(error_code(refused), ErrorCode::permission);
  EXPECT_NE(refused.error().message.find("as the tables' owner"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(number("SELECT format FROM agentaudit_trail"), 1);
}

}  // namespace
}  // namespace agentaudit
