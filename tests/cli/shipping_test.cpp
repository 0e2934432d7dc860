#include "cli/shipping.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "agentaudit/store/sqlite_store.h"
#include "cli/kept_talk.h"
#include "store/error_code.h"
#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

// Refuses events whose summary is in `refused`, and fails as often as it is told before.
class PickyTarget final : public ShipTarget {
 public:
  Result<void> send(std::span<const RecordedEvent> events, ShipCursor& /*cursor*/) override {
    if (failures-- > 0) return fail(ErrorCode::busy, "not now");
    for (const RecordedEvent& recorded : events) {
      if (recorded.event.summary == refused) return fail(ErrorCode::too_large, "too much for me");
    }
    for (const RecordedEvent& recorded : events) taken.push_back(recorded.event.id);
    return {};
  }

  Result<Held> begin(ShipCursor& /*cursor*/) override { return holds; }

  Held holds;
  int failures = 0;
  std::string refused;
  std::vector<EventId> taken;
};

class ShippingTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = SqliteStore::open(directory_ / "trail.db").value();
    for (const char* summary : {"a", "b", "c", "d", "e"}) {
      Event event;
      event.category = "llm";
      event.summary = summary;
      ASSERT_TRUE(store_->insert(event));
    }
  }

  Result<ShippingCounts> ship(PickyTarget& target, std::int64_t rate = 0) {
    Shipping shipping(talk_.context(), *store_, target, directory_ / "cursor",
                      {.rate = rate, .patience = std::chrono::milliseconds(200)});
    if (auto begun = shipping.begin(); !begun) return fail(begun.error());
    const Interrupt interrupt;
    if (auto shipped = shipping.catch_up(interrupt); !shipped) return fail(shipped.error());
    return shipping.counts();
  }

  ScratchDirectory directory_;
  std::shared_ptr<SqliteStore> store_;
  KeptTalk talk_;
};

TEST_F(ShippingTest, OneRefusedEventIsSetAsideAndTheOthersArrive) {
  PickyTarget target;
  target.refused = "c";
  const auto counts = ship(target);
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(target.taken, (std::vector<EventId>{1, 2, 4, 5}));
  EXPECT_EQ(counts->shipped, 4);
  EXPECT_EQ(counts->refused, 1);
  EXPECT_EQ(counts->last_id, 5);
  EXPECT_EQ(counts->behind, 0);
  std::ostringstream letters;
  letters << std::ifstream(counts->refused_path).rdbuf();
  EXPECT_NE(letters.str().find(R"("refused":"too much for me","event":{"id":3,)"),
            std::string::npos)
      << letters.str();
}

TEST_F(ShippingTest, ATargetThatIsAwayForAMomentGetsEverything) {
  PickyTarget target;
  target.failures = 2;
  EXPECT_EQ(ship(target)->shipped, 5);
  EXPECT_EQ(target.taken.size(), 5U);
}

TEST_F(ShippingTest, ATargetThatStaysAwayGetsTheSameAgainNextTime) {
  PickyTarget target;
  target.failures = 1'000'000;
  EXPECT_EQ(error_code(ship(target)), ErrorCode::busy);
  target.failures = 0;
  EXPECT_EQ(ship(target)->shipped, 5);
  EXPECT_EQ(ship(target)->shipped, 0);
}

TEST_F(ShippingTest, ATargetThatHoldsTheBeginningGetsTheRest) {
  const std::string leaf = store_->recorded(2, 1, {})->front().leaf;
  PickyTarget target;
  target.holds = {.last_id = 3, .leaf = leaf, .tree_size = 2, .root = *store_->root_at(2)};
  EXPECT_EQ(ship(target)->shipped, 5);
}

TEST_F(ShippingTest, ATargetThatHoldsAnotherHistoryGetsNothing) {
  const std::string other(32, 'x');
  const auto refusal = [&](const ShipTarget::Held& held) {
    PickyTarget target;
    target.holds = held;
    const auto shipped = ship(target);
    EXPECT_EQ(error_code(shipped), ErrorCode::corrupt);
    EXPECT_TRUE(target.taken.empty());
    return shipped ? std::string() : shipped.error().message;
  };
  const auto has = [](const std::string& text, std::string_view piece) {
    return text.find(piece) != std::string::npos;
  };
  EXPECT_TRUE(has(refusal({.last_id = 3, .leaf = other}), "event 3: it was forked"));
  EXPECT_TRUE(has(refusal({.last_id = 6, .leaf = other}), "event 6: it was rolled back"));
  EXPECT_TRUE(has(refusal({.tree_size = 4, .root = other}), "event 4: it was forked"));
  EXPECT_TRUE(has(refusal({.tree_size = 9, .root = other}), "event 9: it was rolled back"));
}

TEST_F(ShippingTest, NoMoreEventsASecondAreSentThanTheRateSays) {
  PickyTarget target;
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(ship(target, 4)->shipped, 5);
  // Four, and a second later the fifth, which takes a quarter of one.
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(1'240));
}

TEST_F(ShippingTest, WhatIsTooLongForACursorIsNone) {
  std::ofstream(directory_ / "cursor") << std::string(5'000, ' ') << "{}";
  PickyTarget target;
  EXPECT_EQ(error_code(ship(target)), ErrorCode::parse);
  EXPECT_TRUE(target.taken.empty());
}

TEST_F(ShippingTest, ACursorComesBackAsItWasWritten) {
  const ShipCursor cursor{
      .trail_id = std::string(32, 'a'), .last_id = 7, .root = std::string(32, '\xff'), .bytes = 99};
  ASSERT_TRUE(cursor.write(directory_ / "cursor"));
  EXPECT_EQ(ShipCursor::read(directory_ / "cursor").value(), cursor);
  EXPECT_FALSE(ShipCursor::read(directory_ / "none").value().has_value());
}

}  // namespace
}  // namespace agentaudit
