// Conformance: what a store hands out of its ledger is what it recorded.

#include <algorithm>

#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

TEST_P(StoreConformance, ATrailHasAnIdOfItsOwn) {
  const std::string id = store_->trail_id().value();
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
}

TEST_P(StoreConformance, TheLastIdIsTheGreatestThatWasGiven) {
  EXPECT_EQ(store_->last_id(), 0);
  insert_all({event_at(at(1)), event_at(at(2))});
  EXPECT_EQ(store_->last_id(), 2);
  EXPECT_EQ(prune(at(9)), 2);
  EXPECT_EQ(store_->last_id(), 3);
}

TEST_P(StoreConformance, RecordedEventsComeByIdWithTheirLeaves) {
  insert_all({event_at(at(3), "a"), event_at(at(1), "b"), event_at(at(2), "c")});
  const auto all = store_->recorded(0, 10, {});
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 3U);
  for (std::size_t i = 0; i < all->size(); ++i) {
    const RecordedEvent& recorded = (*all)[i];
    EXPECT_EQ(recorded.event, *store_->get(static_cast<EventId>(i) + 1));
    EXPECT_EQ(recorded.leaf.size(), 32U);
    EXPECT_EQ(recorded.nonce.size(), 32U);
    EXPECT_TRUE(recorded.erased_summary.empty());
    EXPECT_TRUE(recorded.recorded_at.is_set());
  }
  EXPECT_EQ(store_->recorded(1, 1, {})->front().event.id, 2);
  EXPECT_TRUE(store_->recorded(3, 1, {})->empty());
}

TEST_P(StoreConformance, RecordedEventsPassOverWhatWasPruned) {
  insert_all(std::vector<Event>(700, event_at(at(1))));
  insert_all({event_at(at(50)), event_at(at(50))});
  EXPECT_EQ(prune(at(9)), 700);
  const auto left = store_->recorded(0, 1'000, {});
  ASSERT_TRUE(left) << left.error().message;
  ASSERT_EQ(left->size(), 3U);
  EXPECT_EQ(left->front().event.id, 701);
}

TEST_P(StoreConformance, RecordedEventsEndAtTheLimitsOfOneCall) {
  for (const std::int64_t limit : {std::int64_t{0}, recorded_events_max + 1}) {
    const auto refused = store_->recorded(0, limit, {});
    ASSERT_EQ(error_code(refused), ErrorCode::invalid_argument);
    EXPECT_NE(refused.error().message.find(std::to_string(limit)), std::string::npos);
  }
  Event large = event_at(at(1));
  constexpr std::size_t mebibyte = std::size_t{1} << 20U;
  large.detail = std::string(mebibyte - 1'024, 'x');
  constexpr std::size_t fitting = recorded_bytes_max / mebibyte;
  for (std::size_t i = 0; i < fitting + 4; ++i) insert(large);
  const auto some = store_->recorded(0, recorded_events_max, {});
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_GE(some->size(), fitting);
  EXPECT_LE(some->size(), fitting + 1);
  const auto rest = store_->recorded(some->back().event.id, recorded_events_max, {});
  EXPECT_EQ(some->size() + rest->size(), fitting + 4);
}

TEST_P(StoreConformance, TheRootOfASizeStaysAsTheTreeGrows) {
  insert_all(std::vector<Event>(300, event_at(at(1))));
  const std::string root = store_->root_at(300).value();
  EXPECT_EQ(root.size(), 32U);
  insert_all(std::vector<Event>(300, event_at(at(2))));
  EXPECT_EQ(store_->root_at(300), root);
  EXPECT_NE(store_->root_at(600), root);
  EXPECT_EQ(error_code(store_->root_at(601)), ErrorCode::not_found);
  EXPECT_EQ(error_code(store_->root_at(-1)), ErrorCode::not_found);
}

TEST_P(StoreConformance, APruneIsPreviewedAndNothingIsDeleted) {
  insert_all({event_at(at(1)), event_at(at(2)), event_at(at(30))});
  PruneOpts opts;
  opts.cutoff = at(10);
  EXPECT_EQ(store_->preview_prune(opts, {})->deleted, 2);
  EXPECT_EQ(list().total, 3);
}

TEST_P(StoreConformance, WhatWasRecordedIsIntact) {
  insert_all(std::vector<Event>(300, event_at(at(1))));
  const auto found = store_->verify({}, {});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->verdict, Verdict::intact);
  EXPECT_EQ(found->events, 300);
}

}  // namespace
}  // namespace agentaudit
