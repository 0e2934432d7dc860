#include "agentaudit/core/query.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

template <typename Opts>
std::string refusal(Opts opts) {
  const auto checked = validated(std::move(opts));
  if (checked) return "accepted";
  EXPECT_EQ(checked.error().code, ErrorCode::invalid_argument);
  return checked.error().message;
}

std::vector<std::string> names(std::size_t count) { return std::vector<std::string>(count, "a"); }

TEST(Query, TheDefaultsAreFilledIn) {
  EXPECT_EQ(validated(ListOpts{.limit = 0})->limit, limits::page_events_default);
  EXPECT_EQ(validated(ListOpts{})->limit, 50);
  EXPECT_EQ(validated(GroupsOpts{.limit = 0})->limit, limits::page_events_default);
  EXPECT_EQ(validated(GroupsOpts{})->limit, 50);
  EXPECT_EQ(validated(ConversationsOpts{.limit = 0})->limit, limits::page_events_default);
  EXPECT_EQ(validated(OpenIntentsOpts{.limit = 0})->limit, limits::page_events_default);
}

TEST(Query, EverythingElseStaysAsItWasAsked) {
  const ListOpts asked = {.categories = {"llm"},
                          .conversation_id = "c",
                          .search = "100%_",
                          .limit = 1'000,
                          .offset = 7,
                          .order = Order::commit,
                          .total = TotalMode::none};
  const auto checked = validated(asked);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->categories, asked.categories);
  EXPECT_EQ(checked->conversation_id, "c");
  EXPECT_EQ(checked->search, "100%_");
  EXPECT_EQ(checked->limit, 1'000);
  EXPECT_EQ(checked->offset, 7);
  EXPECT_EQ(checked->order, Order::commit);
  EXPECT_EQ(checked->total, TotalMode::none);
}

TEST(Query, ALimitOutOfRangeIsRefusedAndTheRangeNamed) {
  EXPECT_EQ(refusal(ListOpts{.limit = -1}), "limit -1 is not between 1 and 1000");
  EXPECT_EQ(refusal(ListOpts{.limit = 1'001}), "limit 1001 is not between 1 and 1000");
  EXPECT_EQ(refusal(ConversationsOpts{.limit = 1'001}), "limit 1001 is not between 1 and 1000");
  EXPECT_EQ(refusal(GroupsOpts{.limit = 1'001}), "limit 1001 is not between 1 and 1000");
  EXPECT_EQ(refusal(GroupsOpts{.limit = -1}), "limit -1 is not between 1 and 1000");
  EXPECT_EQ(refusal(OpenIntentsOpts{.limit = -5}), "limit -5 is not between 1 and 1000");
}

TEST(Query, AnOffsetOutOfRangeIsRefusedAndTheWayOutNamed) {
  EXPECT_EQ(refusal(ListOpts{.offset = -1}),
            "offset -1 is not between 0 and 10000000; page deeper with a cursor");
  EXPECT_EQ(refusal(ListOpts{.offset = limits::page_offset_max}), "accepted");
  EXPECT_EQ(refusal(ConversationsOpts{.offset = limits::page_offset_max + 1}),
            "offset 10000001 is not between 0 and 10000000; page deeper with a cursor");
}

TEST(Query, OffsetAndCursorExcludeEachOther) {
  EXPECT_EQ(refusal(ListOpts{.offset = 1, .cursor = "5"}), "offset and cursor exclude each other");
  EXPECT_EQ(refusal(ListOpts{.cursor = "5"}), "accepted");
}

TEST(Query, SinceMustNotBeAfterUntil) {
  const Timestamp early = Timestamp::parse("2026-11-24T08:00:00Z").value();
  const Timestamp late = Timestamp::parse("2026-11-24T08:00:01Z").value();
  const std::string message = "since 2026-11-24T08:00:01Z is after until 2026-11-24T08:00:00Z";
  EXPECT_EQ(refusal(ListOpts{.since = late, .until = early}), message);
  EXPECT_EQ(refusal(StatsOpts{.since = late, .until = early}), message);
  EXPECT_EQ(refusal(GroupsOpts{.since = late, .until = early}), message);
  EXPECT_EQ(refusal(ConversationsOpts{.since = late, .until = early}), message);
  EXPECT_EQ(refusal(ListOpts{.since = early, .until = early}), "accepted");
}

TEST(Query, TooManyNamesAreRefusedAndTheFieldNamed) {
  const auto many = names(limits::filter_names_max + 1);
  EXPECT_EQ(refusal(ListOpts{.categories = many}), "category: 1001 values, more than 1000");
  EXPECT_EQ(refusal(ListOpts{.statuses = many}), "status: 1001 values, more than 1000");
  EXPECT_EQ(refusal(ListOpts{.agents = many}), "agent: 1001 values, more than 1000");
  EXPECT_EQ(refusal(ListOpts{.sources = many}), "source: 1001 values, more than 1000");
  EXPECT_EQ(refusal(ListOpts{.exclude_sources = many}),
            "exclude_source: 1001 values, more than 1000");
  EXPECT_EQ(refusal(ListOpts{.targets = many}), "target: 1001 values, more than 1000");
  EXPECT_EQ(refusal(StatsOpts{.exclude_sources = many}),
            "exclude_source: 1001 values, more than 1000");
  EXPECT_EQ(refusal(GroupsOpts{.exclude_sources = many}),
            "exclude_source: 1001 values, more than 1000");
  EXPECT_EQ(refusal(GroupsOpts{.targets = many}), "target: 1001 values, more than 1000");
  EXPECT_EQ(refusal(ConversationsOpts{.agents = many}), "agent: 1001 values, more than 1000");
  EXPECT_EQ(refusal(OpenIntentsOpts{.agents = many}), "agent: 1001 values, more than 1000");
  EXPECT_EQ(refusal(ListOpts{.agents = names(limits::filter_names_max)}), "accepted");
}

TEST(Query, WhatIsNoFieldGroupsNothing) {
  EXPECT_EQ(refusal(GroupsOpts{.by = GroupBy::conversation}), "accepted");
  EXPECT_EQ(refusal(GroupsOpts{.by = static_cast<GroupBy>(8)}),
            "by: 8 is not a field that groups events");
}

TEST(Query, TooLongASearchIsRefused) {
  EXPECT_EQ(refusal(ListOpts{.search = std::string(4'097, 'x')}),
            "search: 4097 bytes, more than 4096");
  EXPECT_EQ(refusal(ListOpts{.search = std::string(4'096, 'x')}), "accepted");
}

TEST(Query, HistogramBucketsOutOfRangeAreRefused) {
  EXPECT_EQ(refusal(StatsOpts{.histogram_buckets = -1}),
            "histogram_buckets -1 is not between 0 and 1000");
  EXPECT_EQ(refusal(StatsOpts{.histogram_buckets = 1'001}),
            "histogram_buckets 1001 is not between 0 and 1000");
  EXPECT_EQ(refusal(StatsOpts{.histogram_buckets = 1'000}), "accepted");
}

}  // namespace
}  // namespace agentaudit
