// Conformance: the order of events, pages, cursors and totals.

#include <limits>
#include <set>

#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

constexpr Order orders[] = {Order::newest_first, Order::oldest_first, Order::commit};

TEST_P(StoreConformance, EventsComeInTheOrderAskedFor) {
  insert_all({event_at(at(20)), event_at(at(30)), event_at(at(10))});
  EXPECT_EQ(ids({.order = Order::newest_first}), (Ids{2, 1, 3}));
  EXPECT_EQ(ids({.order = Order::oldest_first}), (Ids{3, 1, 2}));
  EXPECT_EQ(ids({.order = Order::commit}), (Ids{1, 2, 3}));
  EXPECT_EQ(ids(), ids({.order = Order::newest_first}));
}

TEST_P(StoreConformance, EqualTimesAreOrderedById) {
  insert_all({event_at(at(5)), event_at(at(5)), event_at(at(5))});
  EXPECT_EQ(ids({.order = Order::newest_first}), (Ids{3, 2, 1}));
  EXPECT_EQ(ids({.order = Order::oldest_first}), (Ids{1, 2, 3}));
}

TEST_P(StoreConformance, TimesWithAndWithoutDecimalsSortRight) {
  for (const char* text :
       {"2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.05Z",
        "2026-03-01T13:00:00.1+01:00", "2026-03-01T12:00:01Z", "2026-03-01T12:00:00.000000001Z"}) {
    insert(event_at(Timestamp::parse(text).value()));
  }
  EXPECT_EQ(ids({.order = Order::oldest_first}), (Ids{2, 6, 3, 4, 1, 5}));
  EXPECT_EQ(ids({.since = Timestamp::parse("2026-03-01T12:00:00.1Z").value(),
                 .until = Timestamp::parse("2026-03-01T12:00:00.5Z").value()}),
            (Ids{1, 4}));
}

TEST_P(StoreConformance, TheAppliedLimitAndOffsetAreEchoed) {
  insert_all(std::vector<Event>(60, event_at(at(1))));
  const ListResult page = list({.limit = 7, .offset = 3});
  EXPECT_EQ(page.limit, 7);
  EXPECT_EQ(page.offset, 3);
  EXPECT_EQ(page.events.size(), 7U);
  const ListResult standard = list({.limit = 0});
  EXPECT_EQ(standard.limit, limits::page_events_default);
  EXPECT_EQ(standard.events.size(), 50U);
  EXPECT_EQ(list({}).limit, limits::page_events_default);
}

TEST_P(StoreConformance, ALimitOrOffsetOutOfRangeIsAnErrorThatNamesIt) {
  for (const std::int64_t limit :
       {std::int64_t{-1}, limits::page_events_max + 1, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    const auto result = store_->list({.limit = limit});
    ASSERT_EQ(error_code(result), ErrorCode::invalid_argument) << limit;
    EXPECT_NE(result.error().message.find("limit " + std::to_string(limit)), std::string::npos);
  }
  for (const std::int64_t offset :
       {std::int64_t{-1}, limits::page_offset_max + 1, std::numeric_limits<std::int64_t>::max()}) {
    const auto result = store_->list({.offset = offset});
    ASSERT_EQ(error_code(result), ErrorCode::invalid_argument) << offset;
    EXPECT_NE(result.error().message.find("offset " + std::to_string(offset)), std::string::npos);
  }
  EXPECT_TRUE(store_->list({.limit = limits::page_events_max, .offset = limits::page_offset_max}));
}

TEST_P(StoreConformance, TheOtherQuestionsCheckTheirPageToo) {
  EXPECT_EQ(error_code(store_->conversations({.limit = -1}, {})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store_->conversations({.offset = -1}, {})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store_->open_intents({.limit = limits::page_events_max + 1}, {})),
            ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store_->stats({.histogram_buckets = -1})), ErrorCode::invalid_argument);
}

TEST_P(StoreConformance, ACursorOfAnotherOrderIsRefused) {
  insert_all({event_at(at(1)), event_at(at(2)), event_at(at(3))});
  for (const Order given : orders) {
    const std::string cursor = list({.limit = 1, .order = given}).next_cursor;
    ASSERT_FALSE(cursor.empty());
    for (const Order asked : orders) {
      const auto result = store_->list({.cursor = cursor, .order = asked});
      const auto expected =
          asked == given ? std::nullopt : std::optional(ErrorCode::invalid_argument);
      EXPECT_EQ(error_code(result), expected);
    }
  }
  for (const char* cursor : {"x", " 1", "1 ", "n:", "n:1", "n:1:", "n:1:2:3", "n:1:2x", "1.5"}) {
    for (const Order order : orders) {
      EXPECT_EQ(error_code(store_->list({.cursor = cursor, .order = order})),
                ErrorCode::invalid_argument)
          << cursor;
    }
  }
  EXPECT_EQ(error_code(store_->list({.offset = 1, .cursor = "1", .order = Order::commit})),
            ErrorCode::invalid_argument);
}

TEST_P(StoreConformance, InCommitOrderTheCursorIsTheLastIdSeen) {
  insert_all({event_at(at(3)), event_at(at(2)), event_at(at(1))});
  EXPECT_EQ(list({.limit = 2, .order = Order::commit}).next_cursor, "2");
  EXPECT_EQ(ids({.cursor = "1", .order = Order::commit}), (Ids{2, 3}));
  EXPECT_EQ(ids({.cursor = "0", .order = Order::commit}), (Ids{1, 2, 3}));
  EXPECT_EQ(ids({.cursor = "3", .order = Order::commit}), Ids{});
}

TEST_P(StoreConformance, TheLastPageHasNoCursor) {
  insert_all({event_at(at(1)), event_at(at(2)), event_at(at(3)), event_at(at(4))});
  for (const Order order : orders) {
    ListResult page = list({.limit = 2, .order = order});
    ASSERT_FALSE(page.next_cursor.empty());
    page = list({.limit = 2, .cursor = page.next_cursor, .order = order});
    EXPECT_EQ(page.events.size(), 2U);
    EXPECT_EQ(page.next_cursor, "");
    EXPECT_EQ(page.total, 4);
  }
}

TEST_P(StoreConformance, PagesByCursorCoverEverythingOnceWhileAWriterAppends) {
  for (const Order order : orders) {
    std::vector<Event> events;
    for (std::int64_t i = 0; i < 90; ++i) events.push_back(event_at(at(i * 37 % 10 + 1)));
    insert_all(events);
    const std::int64_t count = list().total;
    std::multiset<EventId> seen;
    std::string cursor;
    do {
      const ListResult page = list({.limit = 13, .cursor = cursor, .order = order});
      for (const Event& event : page.events) seen.insert(event.id);
      cursor = page.next_cursor;
      // Earlier, later and in between: none may shift what is still to come.
      if (seen.size() < 90) insert_all({event_at(at(-5)), event_at(at(4)), event_at(at(99))});
    } while (!cursor.empty());
    for (EventId id = 1; id <= count; ++id) EXPECT_EQ(seen.count(id), 1U) << id;
    EXPECT_EQ(seen.size(), std::set(seen.begin(), seen.end()).size());
  }
}

TEST_P(StoreConformance, PagesByOffsetCoverEverythingOnceWhileAWriterAppendsAtTheEnd) {
  insert_all(std::vector<Event>(40, event_at(at(5))));
  for (const Order order : {Order::oldest_first, Order::commit}) {
    std::vector<EventId> seen;
    for (std::int64_t offset = 0; offset < 40; offset += 8) {
      const ListResult page = list({.limit = 8, .offset = offset, .order = order});
      for (const Event& event : page.events) seen.push_back(event.id);
      insert(event_at(at(9)));
    }
    for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(seen.at(i), static_cast<EventId>(i) + 1);
  }
  EXPECT_EQ(ids({.offset = 50}), Ids{});
}

TEST_P(StoreConformance, EventsThatCameLateStandWhereTheyHappened) {
  insert_all({event_at(at(100)), event_at(at(200)), event_at(at(300))});
  insert(event_at(at(150)));
  insert(event_at(at(50)));
  EXPECT_EQ(ids(), (Ids{3, 2, 4, 1, 5}));
  const ListResult first = list({.limit = 2});
  insert(event_at(at(160)));  // between the pages, after the cursor
  EXPECT_EQ(ids({.cursor = first.next_cursor}), (Ids{6, 4, 1, 5}));
}

TEST_P(StoreConformance, TheTotalCountsAllPagesAndOnlyWhatMatches) {
  insert_all({event_at(at(1), "x"), event_at(at(2), "y"), event_at(at(3), "x")});
  for (const TotalMode mode : {TotalMode::automatic, TotalMode::exact}) {
    EXPECT_EQ(list({.limit = 1, .total = mode}).total, 3);
    EXPECT_TRUE(list({.limit = 1, .total = mode}).total_exact);
    EXPECT_EQ(list({.search = "x", .limit = 1, .total = mode}).total, 2);
    EXPECT_EQ(list({.since = at(2), .limit = 1, .offset = 1, .total = mode}).total, 2);
    EXPECT_EQ(list({.agents = {"nobody"}, .total = mode}).total, 0);
  }
}

TEST_P(StoreConformance, ATotalThatWasNotAskedForIsNotCounted) {
  insert_all({event_at(at(1)), event_at(at(2))});
  const ListResult page = list({.limit = 1, .total = TotalMode::none});
  EXPECT_EQ(page.total, 0);
  EXPECT_FALSE(page.total_exact);
  EXPECT_EQ(page.events.size(), 1U);
  EXPECT_NE(page.next_cursor, "");
}

TEST_P(StoreConformance, AnEmptyStoreAnswersEveryQuestion) {
  for (const Order order : orders) {
    const ListResult page = list({.order = order});
    EXPECT_TRUE(page.events.empty());
    EXPECT_EQ(page.total, 0);
    EXPECT_TRUE(page.total_exact);
    EXPECT_EQ(page.next_cursor, "");
  }
}

TEST_P(StoreConformance, AStopRequestCancelsEveryQuestion) {
  insert(event_at(at(1)));
  std::stop_source source;
  source.request_stop();
  const std::stop_token stop = source.get_token();
  EXPECT_EQ(error_code(store_->list({}, stop)), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store_->stats({}, stop)), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store_->groups({}, stop)), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store_->conversations({}, stop)), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store_->open_intents({}, stop)), ErrorCode::cancelled);
  EXPECT_EQ(list().total, 1);  // and the store lives on
}

}  // namespace
}  // namespace agentaudit
