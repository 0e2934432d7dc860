// The counts that totals and statistics of a trail in PostgreSQL come from.

#include "agentaudit/store/postgres_store.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/error_code.h"
#include "store/postgres_trail.h"

namespace agentaudit {
namespace {

using PostgresCountsTest = PostgresTrailTest;

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

TEST_F(PostgresCountsTest, TotalsAndHistogramsOfStatusesReadTheirCountsAlone) {
  const Timestamp now = Timestamp::now();
  insert(10, now.minus(std::chrono::hours(50)));
  insert(5, now.minus(std::chrono::hours(10)));
  // Seen by whoever asks the series.
  change("UPDATE agentaudit_counts SET events = 1");
  StatsOpts opts;
  opts.histogram_buckets = 2;
  const Stats stats = store_->stats(opts).value_or(Stats{});
  EXPECT_LE(stats.total, 2);
  ASSERT_EQ(stats.histogram.size(), 2U);
  EXPECT_EQ(stats.histogram[0].total, 10);
  EXPECT_EQ(stats.histogram[1].total, 5);
  EXPECT_EQ(store_->list(ListOpts{})->total, 15);
  EXPECT_EQ(store_->list(ListOpts{.statuses = {"ok"}})->total, 15);
  EXPECT_EQ(store_->list(ListOpts{.statuses = {"error"}})->total, 0);
  EXPECT_EQ(store_->list(ListOpts{.agents = {"researcher"}})->total, stats.total);
  change(
      "SELECT agentaudit_recount(); UPDATE agentaudit_status_counts SET events = 11 WHERE"
      " level = 0 AND events = 10");
  EXPECT_NE(first_finding().find("1 counts of totals"), std::string::npos);
  change("SELECT agentaudit_recount()");
  EXPECT_EQ(verify().verdict, Verdict::intact);
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

}  // namespace
}  // namespace agentaudit
