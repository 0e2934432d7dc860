// Conformance: statistics, conversations and open intents.

#include <limits>

#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

using Counts = std::vector<NameCount>;

Event named(std::int64_t seconds, std::string name, std::string status, std::string source) {
  Event event = event_at(at(seconds));
  event.category = "category " + name;
  event.agent = "agent " + name;
  event.target = name == "a" ? "" : "target " + name;
  event.status = std::move(status);
  event.source = std::move(source);
  return event;
}

TEST_P(StoreConformance, StatsOfAnEmptyStoreAreZero) {
  const Stats empty = stats({.histogram_buckets = 10});
  EXPECT_EQ(empty.total, 0);
  EXPECT_FALSE(empty.first);
  EXPECT_FALSE(empty.last);
  EXPECT_TRUE(empty.by_category.empty());
  EXPECT_TRUE(empty.histogram.empty());
}

TEST_P(StoreConformance, StatsCountEveryNameGreatestFirstThenByName) {
  insert_all({named(10, "b", "ok", "s"), named(20, "a", "error", "s"), named(30, "b", "ok", "t"),
              named(40, "c", "denied", "")});
  const Stats all = stats();
  EXPECT_EQ(all.total, 4);
  EXPECT_EQ(all.first, at(10));
  EXPECT_EQ(all.last, at(40));
  EXPECT_EQ(all.by_category, (Counts{{"category b", 2}, {"category a", 1}, {"category c", 1}}));
  EXPECT_EQ(all.by_status, (Counts{{"ok", 2}, {"denied", 1}, {"error", 1}}));
  EXPECT_EQ(all.by_agent, (Counts{{"agent b", 2}, {"agent a", 1}, {"agent c", 1}}));
  EXPECT_EQ(all.by_source, (Counts{{"s", 2}, {"", 1}, {"t", 1}}));
  EXPECT_EQ(all.by_target, (Counts{{"target b", 2}, {"", 1}, {"target c", 1}}));
}

TEST_P(StoreConformance, StatsRespectTheRangeAndTheExcludedSources) {
  insert_all({named(10, "a", "ok", "s"), named(20, "b", "ok", "t"), named(30, "c", "ok", "u"),
              named(40, "d", "ok", "t")});
  EXPECT_EQ(stats({.since = at(20), .until = at(30)}).total, 2);
  EXPECT_EQ(stats({.exclude_sources = {"t", "u"}}).by_source, (Counts{{"s", 1}}));
  const Stats none = stats({.since = at(20), .exclude_sources = {"t", "u"}});
  EXPECT_EQ(none.total, 0);
  EXPECT_FALSE(none.first);
}

TEST_P(StoreConformance, TheLastHourEndsNow) {
  constexpr std::int64_t hour = 3'600;
  insert_all({event_at(at(1)), event_at(at(2)), event_at(at(hour)), event_at(at(hour + 1)),
              event_at(at(hour + 2))});
  EXPECT_EQ(stats({.now = at(hour + 1)}).events_last_hour, 3);  // 2, 3600 and 3601
  EXPECT_EQ(stats({.now = at(0)}).events_last_hour, 0);
  EXPECT_EQ(stats({.exclude_sources = {"engine"}, .now = at(hour + 1)}).events_last_hour, 0);
  EXPECT_EQ(stats().events_last_hour, 0);
  insert(event_at(Timestamp::now()));
  EXPECT_EQ(stats().events_last_hour, 1);
}

TEST_P(StoreConformance, ABucketCountsItsEventsErrorsAndDenials) {
  insert_all({named(10, "a", "ok", "s"), named(19, "a", "error", "s"),
              named(20, "a", "denied", "s"), named(29, "a", "ok", "s")});
  const Stats two = stats({.histogram_buckets = 2});
  ASSERT_EQ(two.histogram.size(), 2U);
  EXPECT_EQ(two.histogram[0], (HistogramBucket{.start = at(10), .total = 2, .errors = 1}));
  EXPECT_EQ(two.histogram[1].total, 2);
  EXPECT_EQ(two.histogram[1].denied, 1);
}

TEST_P(StoreConformance, TheHistogramSumsToTheTotalWhateverItsSteps) {
  for (const std::int64_t second : {1, 1, 2, 3, 50, 51, 99, 100}) insert(event_at(at(second)));
  for (const int buckets : {1, 2, 3, 7, 99, 1'000}) {
    const Stats cut = stats({.histogram_buckets = buckets});
    ASSERT_FALSE(cut.histogram.empty());
    EXPECT_LE(cut.histogram.size(), static_cast<std::size_t>(buckets));
    EXPECT_EQ(cut.histogram.front().start, at(1));
    std::int64_t sum = 0;
    for (const HistogramBucket& bucket : cut.histogram) sum += bucket.total;
    EXPECT_EQ(sum, 8) << buckets;
  }
}

TEST_P(StoreConformance, AHistogramOfOneInstantHasOneBucket) {
  insert_all({event_at(at(5)), event_at(at(5))});
  const Stats one = stats({.histogram_buckets = 20});
  ASSERT_EQ(one.histogram.size(), 1U);
  EXPECT_EQ(one.histogram[0], (HistogramBucket{.start = at(5), .total = 2}));
}

TEST_P(StoreConformance, ASpanOfAllTimeDoesNotOverflow) {
  const Timestamp least = Timestamp::from_ns(std::numeric_limits<std::int64_t>::min());
  const Timestamp greatest = Timestamp::from_ns(std::numeric_limits<std::int64_t>::max());
  insert_all({event_at(least), event_at(at(1)), event_at(greatest)});
  for (const int buckets : {1, 2, 3, 1'000}) {
    const Stats all = stats({.now = least, .histogram_buckets = buckets});
    EXPECT_EQ(all.events_last_hour, 1);
    EXPECT_EQ(all.histogram.size(), static_cast<std::size_t>(buckets));
    EXPECT_EQ(all.histogram.front().start, least);
    std::int64_t sum = 0;
    for (const HistogramBucket& bucket : all.histogram) sum += bucket.total;
    EXPECT_EQ(sum, 3);
  }
  EXPECT_EQ(stats({.now = greatest}).events_last_hour, 1);
}

Event said(std::int64_t seconds, std::string conversation, std::string agent, std::string status) {
  Event event = event_at(at(seconds));
  event.conversation_id = std::move(conversation);
  event.agent = std::move(agent);
  event.status = std::move(status);
  return event;
}

TEST_P(StoreConformance, ConversationsAreSummedUpNewestFirst) {
  insert_all({said(30, "x", "b", "ok"), said(10, "x", "a", "error"), said(20, "x", "b", "denied"),
              said(40, "y", "a", "pending"), said(50, "", "a", "ok")});
  const ConversationsResult result = store_->conversations({}, {}).value();
  EXPECT_EQ(result.total, 2);
  EXPECT_EQ(result.limit, limits::page_events_default);
  ASSERT_EQ(result.conversations.size(), 2U);
  const Conversation& y = result.conversations[0];
  EXPECT_EQ(y.conversation_id, "y");
  EXPECT_EQ(y.pending, 1);
  const Conversation& x = result.conversations[1];
  EXPECT_EQ(x.conversation_id, "x");
  EXPECT_EQ(x.events, 3);
  EXPECT_EQ(x.errors, 1);
  EXPECT_EQ(x.denied, 1);
  EXPECT_EQ(x.pending, 0);
  EXPECT_EQ(x.first, at(10));
  EXPECT_EQ(x.last, at(30));
  EXPECT_EQ(x.agents, (std::vector<std::string>{"a", "b"}));
}

TEST_P(StoreConformance, ConversationsCountOnlyWhatTheFiltersLetThrough) {
  insert_all({said(10, "x", "a", "ok"), said(20, "x", "b", "ok"), said(30, "y", "b", "ok"),
              said(40, "z", "c", "ok")});
  const auto answer = [&](const ConversationsOpts& opts) {
    return store_->conversations(opts, {}).value();
  };
  EXPECT_EQ(answer({.since = at(20), .until = at(30)}).total, 2);
  EXPECT_EQ(answer({.since = at(20), .until = at(30)}).conversations[1].events, 1);
  EXPECT_EQ(answer({.agents = {"a"}}).conversations[0].agents, (std::vector<std::string>{"a"}));
  EXPECT_EQ(answer({.agents = {"a", "c"}}).total, 2);
  EXPECT_EQ(answer({.agents = {"nobody"}}).total, 0);
}

TEST_P(StoreConformance, ConversationsComeInPages) {
  for (std::int64_t i = 1; i <= 5; ++i) insert(said(i, std::to_string(i), "a", "ok"));
  const ConversationsResult page = store_->conversations({.limit = 2, .offset = 1}, {}).value();
  EXPECT_EQ(page.total, 5);
  EXPECT_EQ(page.limit, 2);
  EXPECT_EQ(page.offset, 1);
  ASSERT_EQ(page.conversations.size(), 2U);
  EXPECT_EQ(page.conversations[0].conversation_id, "4");
  EXPECT_EQ(page.conversations[1].conversation_id, "3");
  EXPECT_TRUE(store_->conversations({.offset = 5}, {})->conversations.empty());
}

Event step(std::int64_t seconds, std::string span, std::string status) {
  Event event = event_at(at(seconds));
  event.span_id = std::move(span);
  event.status = std::move(status);
  return event;
}

TEST_P(StoreConformance, AnIntentIsOpenUntilALaterEventEndsItsSpan) {
  insert(step(10, "b7ad6b7169203331", "pending"));
  insert(step(5, "not hex", "pending"));
  EXPECT_EQ(open_ids(), (Ids{2, 1}));  // oldest first
  insert(step(20, "b7ad6b7169203331", "denied"));
  EXPECT_EQ(open_ids(), (Ids{2}));
  insert(step(1, "not hex", "ok"));  // committed later, whatever its timestamp
  EXPECT_EQ(open_ids(), Ids{});
  insert(step(30, "not hex", "pending"));
  EXPECT_EQ(open_ids(), (Ids{5}));
}

TEST_P(StoreConformance, AnEventBeforeItDoesNotEndAnIntent) {
  insert_all({step(1, "s", "ok"), step(2, "s", "pending")});
  EXPECT_EQ(open_ids(), (Ids{2}));
}

TEST_P(StoreConformance, EveryIntentOfASpanIsOpenAndOneEndEndsAll) {
  insert_all({step(1, "s", "pending"), step(2, "s", "pending")});
  EXPECT_EQ(open_ids(), (Ids{1, 2}));
  insert(step(3, "s", "error"));
  EXPECT_EQ(open_ids(), Ids{});
}

TEST_P(StoreConformance, WithoutASpanNothingIsAnIntent) {
  insert_all({step(1, "", "pending"), step(2, "s", "ok")});
  EXPECT_EQ(open_ids(), Ids{});
}

TEST_P(StoreConformance, AnApprovalIsEndedByWhatItAllowed) {
  Event request = step(10, "request", "pending");
  request.category = "approval";
  Event outer = step(11, "outer", "pending");  // a call, which its children do not end
  Event intent = step(12, "call", "pending");
  intent.parent_span_id = "request";
  Event child = step(13, "child", "ok");
  child.parent_span_id = "outer";
  insert_all({request, outer, intent, child});
  EXPECT_EQ(open_ids({}), (Ids{1, 2, 3})) << "the call was announced, and did not happen yet";
  Event effect = step(14, "call", "ok");
  effect.parent_span_id = "request";
  insert(effect);
  EXPECT_EQ(open_ids({}), (Ids{2}));
}

TEST_P(StoreConformance, FiltersConcernTheIntentNotItsEnd) {
  Event mine = step(10, "a", "pending");
  mine.agent = "mine";
  mine.conversation_id = "c";
  Event theirs = step(20, "b", "pending");
  theirs.agent = "theirs";
  insert_all({mine, theirs});
  EXPECT_EQ(open_ids({.agents = {"mine"}}), (Ids{1}));
  EXPECT_EQ(open_ids({.conversation_id = "c"}), (Ids{1}));
  EXPECT_EQ(open_ids({.since = at(20)}), (Ids{2}));
  EXPECT_EQ(open_ids({.agents = {"mine"}, .conversation_id = "d"}), Ids{});
  Event end = step(5, "a", "ok");  // of neither agent, conversation nor time
  end.agent = "another";
  insert(end);
  EXPECT_EQ(open_ids({.agents = {"mine"}}), Ids{});
  EXPECT_EQ(open_ids({.since = at(6)}), (Ids{2}));
}

TEST_P(StoreConformance, TheTotalCountsBeyondTheLimit) {
  for (int i = 1; i <= 5; ++i) insert(step(i, std::to_string(i), "pending"));
  const OpenIntentsResult two = store_->open_intents({.limit = 2}, {}).value();
  EXPECT_EQ(two.total, 5);
  EXPECT_EQ(two.by_agent, (std::vector<NameCount>{{.name = "researcher", .count = 5}}));
  ASSERT_EQ(two.events.size(), 2U);
  EXPECT_EQ(two.events[0].id, 1);
}

}  // namespace
}  // namespace agentaudit
