#include "store/shipped_again.h"

#include <gtest/gtest.h>

#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

class ShippedAgainTest : public testing::Test {
 protected:
  // What is said of these events, which come with the keys 1, 2 …
  Result<void> ship(const std::vector<Event>& events) {
    std::vector<RecordedEvent> recorded;
    std::vector<KeyedView> keyed;
    for (const Event& event : events) {
      recorded.push_back({.event = event});
      recorded.back().event.id = static_cast<EventId>(recorded.size());
      keys_.push_back(std::to_string(recorded.size()));
    }
    for (std::size_t i = 0; i < events.size(); ++i) keyed.push_back({events[i], keys_[i]});
    const auto inserted = store_->insert_new(keyed);
    EXPECT_TRUE(inserted) << inserted.error().message;
    return check_shipped_again(*store_, "t1", recorded, *inserted);
  }

  std::shared_ptr<Store> store_ = open_store(":memory:").value();
  std::vector<std::string> keys_;
};

TEST_F(ShippedAgainTest, WhatAStoreFilledInIsTheSameWhenItComesAgain) {
  Event bare;
  bare.category = "tool_call";
  ASSERT_TRUE(ship({bare, event_at(at(1))}));
  EXPECT_EQ(store_->get(1)->status, "ok");
  EXPECT_TRUE(ship({bare, event_at(at(1))}));
  EXPECT_EQ(store_->list({})->total, 2);
}

TEST_F(ShippedAgainTest, WhatComesAsAnotherIsAFork) {
  ASSERT_TRUE(ship({event_at(at(1)), event_at(at(2))}));
  const auto again = ship({event_at(at(1)), event_at(at(2), "another"), event_at(at(3))});
  ASSERT_EQ(error_code(again), ErrorCode::corrupt);
  EXPECT_EQ(again.error().message,
            "event 2 of trail t1 arrived before as another, event 2 there: the trail was forked");
}

TEST_F(ShippedAgainTest, WhatWasErasedOrPrunedThereIsNotCompared) {
  ASSERT_TRUE(ship({event_at(at(1)), event_at(at(2))}));
  ASSERT_TRUE(store_->redact({.id = 2, .summary = true, .detail = true}));
  const auto after = store_->recorded(1, 1, {});
  ASSERT_TRUE(after) << after.error().message;
  InsertedNew inserted{.ids = {2}};
  const std::vector<RecordedEvent> comes = {{.event = event_at(at(2))}};
  EXPECT_TRUE(check_shipped_again(*store_, "t1", comes, inserted));
  inserted.ids = {9};
  EXPECT_TRUE(check_shipped_again(*store_, "t1", comes, inserted));
}

}  // namespace
}  // namespace agentaudit
