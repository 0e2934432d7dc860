// Conformance: a rule of retention for each category, and the prunes that follow from them.

#include <chrono>
#include <optional>

#include "agentaudit/core/names.h"
#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

using std::chrono::days;

constexpr Timestamp now = Timestamp::from_ns(1'000 * std::chrono::nanoseconds(days(1)).count());
constexpr ErrorCode refused = ErrorCode::invalid_argument;

Event aged(std::string_view category, std::int64_t age_days) {
  Event event =
      event_at(Timestamp::from_ns(now.ns() - std::chrono::nanoseconds(days(age_days)).count()));
  event.category = category;
  return event;
}

void apply_rules(Store& store) {
  for (const PruneOpts& prune : retention_prunes(store.retention().value(), now)) {
    ASSERT_TRUE(store.prune_before(prune, {}));
  }
}

std::optional<ErrorCode> set(Store& store, const std::string& category, std::int64_t count,
                             bool force = false) {
  return error_code(store.set_retention({.category = category, .days = count, .force = force}));
}

TEST_P(StoreConformance, EachCategoryGoesByItsOwnAgeAndTheOthersByTheRuleForThem) {
  for (const Event& event : {aged("llm", 29), aged("llm", 31), aged("mcp", 31), aged("mcp", 201),
                             aged("approval", 201), aged("approval", 399)}) {
    ASSERT_TRUE(store_->insert(event));
  }
  ASSERT_TRUE(store_->set_retention({.category = "llm", .days = 30}));
  ASSERT_TRUE(store_->set_retention({.category = "approval", .days = 365}));
  ASSERT_TRUE(store_->set_retention({.category = "*", .days = 200}));
  apply_rules(*store_);
  EXPECT_EQ(own_ids(), (Ids{1, 3, 5}));
  expect_intact();
}

TEST_P(StoreConformance, WithoutARuleOfRetentionNothingGoes) {
  ASSERT_TRUE(store_->insert(aged("llm", 900)));
  apply_rules(*store_);
  EXPECT_EQ(own_ids(), Ids{1});
}

TEST_P(StoreConformance, ARuleOfRetentionLeavesWhatIsHeld) {
  ASSERT_TRUE(store_->insert(aged("llm", 900)));
  ASSERT_TRUE(store_->add_hold({.agent = "researcher", .reason = "case 7"}));
  ASSERT_TRUE(store_->set_retention({.category = "llm", .days = 30}));
  apply_rules(*store_);
  EXPECT_EQ(own_ids(), Ids{1});
}

TEST_P(StoreConformance, ApprovalsAndSafetyAreKeptForSixMonthsUnlessForced) {
  for (const char* const category : {"approval", "safety"}) {
    EXPECT_EQ(set(*store_, category, 183), refused);
    EXPECT_TRUE(store_->set_retention({.category = category, .days = 184}));
    EXPECT_EQ(set(*store_, category, 183), refused);
    EXPECT_TRUE(store_->set_retention({.category = category, .days = 183, .force = true}));
  }
  const auto error = store_->set_retention({.category = "safety", .days = 1}).error();
  EXPECT_NE(error.message.find("EU AI Act"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("--force"), std::string::npos) << error.message;
}

TEST_P(StoreConformance, TheRuleForAllOthersIsHeldToItWhereItCoversThem) {
  EXPECT_EQ(set(*store_, "*", 90), refused);
  ASSERT_TRUE(store_->set_retention({.category = "approval", .days = 365}));
  EXPECT_EQ(set(*store_, "*", 90), refused) << "safety has no rule of its own";
  ASSERT_TRUE(store_->set_retention({.category = "safety", .days = 365}));
  ASSERT_TRUE(store_->set_retention({.category = "*", .days = 90}));
  EXPECT_EQ(error_code(store_->unset_retention({.category = "safety"})), refused);
  EXPECT_TRUE(store_->unset_retention({.category = "safety", .force = true}));
  EXPECT_TRUE(store_->unset_retention({.category = "*"}));
  EXPECT_TRUE(store_->unset_retention({.category = "approval"}));
  EXPECT_TRUE(store_->retention()->empty());
}

TEST_P(StoreConformance, ChangesOfRetentionAreRecordedAndTheRecordsStay) {
  const std::string trail = store_->trail_id().value();
  ASSERT_TRUE(store_->set_retention({.category = "llm", .days = 30, .principal = "kim"}));
  ASSERT_TRUE(store_->set_retention({.category = "llm", .days = 20, .force = true}));
  ASSERT_TRUE(store_->unset_retention({.category = "llm", .principal = "lee"}));
  const Event set = store_->get(1).value();
  EXPECT_EQ(set.category, category::audit);
  EXPECT_EQ(set.action, action::retention_changed);
  EXPECT_EQ(set.principal, "kim");
  EXPECT_EQ(set.detail,
            R"({"category":"llm","days":30,"days_before":null,"trail":")" + trail + R"("})");
  EXPECT_NE(store_->get(2)->detail.find(R"("days":20,"days_before":30,"forced":true)"),
            std::string::npos);
  EXPECT_NE(store_->get(3)->detail.find(R"("days":null,"days_before":20)"), std::string::npos);
  const Timestamp tomorrow = Timestamp::from_ns(Timestamp::now().ns() + 86'400'000'000'000);
  EXPECT_EQ(store_->prune_before(tomorrow), 0);
  expect_intact();
}

TEST_P(StoreConformance, WhatIsNoRuleOfRetentionIsRefusedAndNothingRecorded) {
  EXPECT_EQ(set(*store_, "", 90), refused);
  EXPECT_EQ(set(*store_, "llm", 0), refused);
  EXPECT_EQ(set(*store_, "llm", -1), refused);
  EXPECT_EQ(set(*store_, "llm", retention_days_max + 1), refused);
  EXPECT_EQ(error_code(store_->unset_retention({.category = "llm"})), ErrorCode::not_found);
  EXPECT_EQ(store_->last_id(), 0);
}

}  // namespace
}  // namespace agentaudit
