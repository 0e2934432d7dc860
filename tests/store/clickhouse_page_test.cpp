#include "store/clickhouse_page.h"

#include <limits>

#include "store/clickhouse_fleet.h"
#include "store/error_code.h"
#include "store/model_store.h"

namespace agentaudit {
namespace {

using clickhouse_page::Extent;
using clickhouse_page::FleetCursor;
using clickhouse_page::near_end;

const Extent million{
    .total = 1'000'000, .first = Timestamp::from_ns(0), .last = Timestamp::from_ns(10'000'000)};

TEST(ClickhousePage, IsNearTheEndThatItsOrderBeginsWith) {
  EXPECT_EQ(near_end(million, {.limit = 99, .order = Order::newest_first}, {}),
            "timestamp >= toInt64(9991200)");
  EXPECT_EQ(near_end(million, {.limit = 99, .order = Order::oldest_first}, {}),
            "timestamp <= toInt64(8800)");
  EXPECT_EQ(near_end(million, {.limit = 99, .offset = 100, .order = Order::oldest_first}, {}),
            "timestamp <= toInt64(17600)");
}

TEST(ClickhousePage, IsNearItsCursor) {
  FleetCursor cursor;
  cursor.place.timestamp = Timestamp::from_ns(5'000'000);
  EXPECT_EQ(near_end(million, {.limit = 99, .order = Order::newest_first}, cursor),
            "timestamp >= toInt64(4991200)");
  EXPECT_EQ(near_end(million, {.limit = 99, .order = Order::oldest_first}, cursor),
            "timestamp <= toInt64(5008800)");
  cursor.place.timestamp = Timestamp::from_ns(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(near_end(million, {.limit = 99, .order = Order::newest_first}, cursor),
            "timestamp >= toInt64(-9223372036854775808)");
}

TEST(ClickhousePage, OfFewEventsOrInCommitOrderThereIsNoTelling) {
  EXPECT_FALSE(near_end({}, {.limit = 1}, {}));
  EXPECT_FALSE(near_end({.total = 1'000}, {.limit = 50}, {}));
  EXPECT_FALSE(near_end(million, {.limit = 50, .order = Order::commit}, {}));
  EXPECT_FALSE(
      near_end(million, {.limit = 50, .offset = std::numeric_limits<std::int64_t>::max()}, {}));
}

class ClickhousePageTest : public ClickhouseFleetTest {
 protected:
  // Five pages one after the other, in both orders.
  void expect_pages_of(const std::vector<Event>& events) {
    ModelStore model;
    for (const Event& event : events) model.insert(event);
    ASSERT_TRUE(send(trail_a, events));
    const auto store = open("?trail=" + trail_a);
    for (const Order order : {Order::oldest_first, Order::newest_first}) {
      ListOpts opts{.limit = 3, .order = order, .total = TotalMode::exact};
      for (int page = 0; page < 5; ++page) {
        const auto expected = model.list({.limit = 3, .offset = 3L * page, .order = order});
        const auto answer = store->list(opts);
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->events, expected.events) << page;
        EXPECT_EQ(answer->total, static_cast<std::int64_t>(events.size()));
        opts.cursor = answer->next_cursor;
      }
    }
  }
};

TEST_F(ClickhousePageTest, PagesOfManyEventsFollowOneAnother) {
  auto events = some_events(2'000, 5);
  for (Event& event : events) {
    event.timestamp = Timestamp::from_ns(1'790'000'000'000'000'000 + event.id * 1'000 % 700'000);
  }
  expect_pages_of(events);
}

TEST_F(ClickhousePageTest, SoDoThoseOfEventsThatLieFarApart) {
  auto events = some_events(2'000, 6);
  for (Event& event : events) {
    // All of them at one moment, but for one at each end.
    event.timestamp = Timestamp::from_ns(1'790'000'000'000'000'000 + event.id / 2);
    if (event.id == 1) event.timestamp = Timestamp::from_ns(1'789'900'000'000'000'000);
    if (event.id == 2) event.timestamp = Timestamp::from_ns(1'790'100'000'000'000'000);
  }
  expect_pages_of(events);
}

TEST_F(ClickhousePageTest, ACursorOfOneTrailIsNoneOfAFleet) {
  ASSERT_TRUE(send(trail_a, some_events(10, 7)));
  const std::string cursor = open("?trail=" + trail_a)->list({.limit = 3})->next_cursor;
  ASSERT_NE(cursor, "");
  for (const std::string& wrong : {cursor, cursor + ":x"}) {
    const auto page = open()->list({.limit = 3, .cursor = wrong});
    ASSERT_EQ(error_code(page), ErrorCode::invalid_argument);
    EXPECT_EQ(page.error().message,
              "cursor \"" + wrong +
                  "\" does not belong to this question; take next_cursor of its last page");
  }
}

TEST_F(ClickhousePageTest, ASearchThatFindsNothingIsAnEmptyPage) {
  ASSERT_TRUE(send(trail_a, some_events(10, 7)));
  const auto page = open()->list({.search = "no such text"});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->total, 0);
  EXPECT_TRUE(page->events.empty());
  EXPECT_EQ(page->limit, limits::page_events_default);
  EXPECT_EQ(page->next_cursor, "");
}

// Tables that were made before names were LowCardinality.
TEST_F(ClickhousePageTest, TablesWithPlainTextsAnswerToo) {
  for (const char* name : {"category", "action", "agent", "status", "source", "target"}) {
    run("ALTER TABLE " + database_ + ".events MODIFY COLUMN " + name + " String");
  }
  expect_pages_of(some_events(50, 8));
  EXPECT_EQ(open()->stats({})->total, 50);
}

}  // namespace
}  // namespace agentaudit
