// Conformance: what is under a legal hold is neither pruned nor redacted, and the trail says who
// held it.

#include "agentaudit/core/names.h"
#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

Event of(std::string_view agent, std::string_view conversation, std::int64_t seconds) {
  Event event = event_at(at(seconds));
  event.agent = agent;
  event.conversation_id = conversation;
  return event;
}

// From the first second on.
std::vector<Event> one_a_second(std::int64_t count) {
  std::vector<Event> events;
  for (std::int64_t i = 1; i <= count; ++i) events.push_back(event_at(at(i)));
  return events;
}

TEST_P(StoreConformance, APruneLeavesWhatIsHeldAndDoesNotNameIt) {
  insert_all({of("ada", "c-1", 1), of("ada", "c-2", 2), of("bo", "c-1", 3), of("bo", "", 4)});
  ASSERT_EQ(store_->add_hold({.conversation_id = "c-1", .reason = "case 7"}), 1);
  PruneProgress last;
  PruneOpts opts;
  opts.cutoff = at(100);
  opts.progress = [&](const PruneProgress& progress) { last = progress; };
  const PruneCounts preview = store_->preview_prune(opts, {}).value();
  EXPECT_EQ(preview.deleted, 2);
  EXPECT_EQ(preview.held, 2);
  EXPECT_EQ(store_->prune_before(opts, {}), 2);
  EXPECT_EQ(last.held, 2);
  EXPECT_EQ(own_ids(), (Ids{1, 3}));
  EXPECT_NE(last_event().detail.find(R"("events":2,"ids":"2,4")"), std::string::npos);
  expect_intact();
}

TEST_P(StoreConformance, AReleaseGivesWhatWasHeldToTheNextPrune) {
  insert_all({of("ada", "c-1", 1), of("bo", "c-1", 2)});
  const std::int64_t first = store_->add_hold({.conversation_id = "c-1", .reason = "a"}).value();
  const std::int64_t second = store_->add_hold({.agent = "bo", .reason = "b"}).value();
  ASSERT_EQ(store_->prune_before(at(100)), 0);
  ASSERT_TRUE(store_->release_hold(first, "kim", "closed"));
  EXPECT_EQ(store_->prune_before(at(100)), 1);
  EXPECT_EQ(own_ids(), Ids{2}) << "the other hold is on it still";
  ASSERT_TRUE(store_->release_hold(second, "kim", "closed"));
  EXPECT_EQ(store_->prune_before(at(100)), 1);
  EXPECT_EQ(own_ids(), Ids{});
  expect_intact();
}

TEST_P(StoreConformance, AllConditionsOfAHoldMustBeMet) {
  insert_all({of("ada", "c-1", 9), of("ada", "c-1", 10), of("ada", "c-1", 20), of("ada", "c-1", 21),
              of("ada", "c-2", 15), of("bo", "c-1", 15)});
  ASSERT_TRUE(store_->add_hold({.agent = "ada",
                                .conversation_id = "c-1",
                                .since = at(10),
                                .until = at(20),
                                .reason = "case 7"}));
  EXPECT_EQ(store_->prune_before(at(100)), 4);
  EXPECT_EQ(own_ids(), (Ids{2, 3}));
}

TEST_P(StoreConformance, EitherEndOfASpanMayBeOpen) {
  insert_all({of("ada", "", 1), of("ada", "", 5), of("ada", "", 9)});
  ASSERT_TRUE(store_->add_hold({.since = at(9), .reason = "late"}));
  ASSERT_TRUE(store_->add_hold({.until = at(1), .reason = "early"}));
  EXPECT_EQ(store_->prune_before(at(100)), 1);
  EXPECT_EQ(own_ids(), (Ids{1, 3}));
}

TEST_P(StoreConformance, AHoldOnAnAgentThatIsNotKnownYetHoldsItsLaterEvents) {
  insert_all({of("ada", "", 1)});
  ASSERT_TRUE(store_->add_hold({.agent = "nobody yet", .reason = "case 7"}));
  EXPECT_EQ(store_->prune_before(at(100)), 1);
  insert_all({of("nobody yet", "", 2), of("", "", 3)});
  EXPECT_EQ(store_->prune_before(at(100)), 1);
  ASSERT_EQ(own_ids().size(), 1U);
  EXPECT_EQ(store_->get(own_ids().front())->agent, "nobody yet");
}

TEST_P(StoreConformance, AHoldThatComesBetweenTwoStepsOfAPruneProtectsWhatIsLeft) {
  insert_all(one_a_second(10'000));
  PruneOpts opts;
  opts.cutoff = at(50'000);
  opts.keep_pace = false;
  PruneProgress last;
  opts.progress = [&](const PruneProgress& progress) {
    if (last.scanned == 0) {
      EXPECT_TRUE(store_->add_hold({.since = at(9'001), .until = at(9'500), .reason = "now"}));
    }
    last = progress;
  };
  EXPECT_EQ(store_->prune_before(opts, {}), 9'500);
  EXPECT_EQ(last.held, 500);
  EXPECT_EQ(own_ids().size(), 500U);
  expect_intact();
}

TEST_P(StoreConformance, AReleaseBetweenTwoStepsOfAPruneDeletesNothingThatNoRecordNames) {
  insert_all(one_a_second(10'000));
  ASSERT_EQ(store_->add_hold({.since = at(9'001), .until = at(9'500), .reason = "a"}), 1);
  PruneOpts opts;
  opts.cutoff = at(50'000);
  opts.keep_pace = false;
  bool released = false;
  opts.progress = [&](const PruneProgress&) {
    if (released) return;
    EXPECT_TRUE(store_->release_hold(1, "kim", "closed"));
    released = true;
  };
  EXPECT_EQ(store_->prune_before(opts, {}), 9'500);
  expect_intact();
  EXPECT_EQ(store_->prune_before(at(50'000)), 500);
  expect_intact();
}

TEST_P(StoreConformance, WhatIsHeldIsRedactedOnlyAfterTheRelease) {
  insert_all({of("ada", "c-1", 1), of("bo", "c-2", 2)});
  ASSERT_TRUE(store_->add_hold({.agent = "ada", .reason = "case \"7\""}));
  const auto refused = store_->redact({.id = 1, .detail = true});
  ASSERT_EQ(error_code(refused), ErrorCode::invalid_argument);
  EXPECT_NE(refused.error().message.find(R"(event 1 is under hold 1 ("case \"7\""))"),
            std::string::npos)
      << refused.error().message;
  EXPECT_EQ(store_->get(1)->detail, "{}");
  EXPECT_TRUE(store_->redact({.id = 2, .detail = true}));
  ASSERT_TRUE(store_->release_hold(1, "kim", "closed"));
  EXPECT_TRUE(store_->redact({.id = 1, .detail = true}));
  expect_intact();
}

TEST_P(StoreConformance, AddingAndReleasingAreRecordedAndTheRecordsStay) {
  const std::string trail = store_->trail_id().value();
  ASSERT_EQ(store_->add_hold({.agent = "ada",
                              .conversation_id = "c-1",
                              .until = at(20),
                              .reason = "case \"7\"",
                              .principal = "kim"}),
            1);
  const Event added = last_event();
  EXPECT_EQ(added.category, category::audit);
  EXPECT_EQ(added.action, action::hold_added);
  EXPECT_EQ(added.principal, "kim");
  EXPECT_EQ(added.conversation_id, "c-1");
  EXPECT_EQ(added.detail,
            R"({"hold":1,"agent":"ada","conversation_id":"c-1","until":"1970-01-01T00:00:20Z",)"
            R"("trail":")" +
                trail + R"(","reason":"case \"7\""})");
  ASSERT_TRUE(store_->release_hold(1, "lee", "closed"));
  const Event released = last_event();
  EXPECT_EQ(released.action, action::hold_released);
  EXPECT_EQ(released.principal, "lee");
  EXPECT_NE(released.detail.find(R"("reason":"closed")"), std::string::npos);
  const Timestamp tomorrow = Timestamp::from_ns(Timestamp::now().ns() + 86'400'000'000'000);
  EXPECT_EQ(store_->prune_before(tomorrow), 0);
  expect_intact();
}

TEST_P(StoreConformance, TheHoldsAreListedAndTheirNumbersNeverGivenTwice) {
  ASSERT_EQ(store_->add_hold({.agent = "ada", .since = at(1), .reason = "a", .principal = "kim"}),
            1);
  ASSERT_EQ(store_->add_hold({.conversation_id = "c-1", .reason = "b"}), 2);
  ASSERT_TRUE(store_->release_hold(2, "kim", "closed"));
  ASSERT_NO_FATAL_FAILURE(reopen());
  if (IsSkipped()) return;
  ASSERT_EQ(store_->add_hold({.conversation_id = "c-2", .reason = "c"}), 3);
  const auto holds = store_->holds().value();
  ASSERT_EQ(holds.size(), 2U);
  EXPECT_EQ(holds[0].id, 1);
  EXPECT_EQ(holds[0].opts.agent, "ada");
  EXPECT_EQ(holds[0].opts.conversation_id, "");
  EXPECT_EQ(holds[0].opts.since, at(1));
  EXPECT_EQ(holds[0].opts.until, std::nullopt);
  EXPECT_EQ(holds[0].opts.reason, "a");
  EXPECT_EQ(holds[0].opts.principal, "kim");
  EXPECT_TRUE(holds[0].created.is_set());
  EXPECT_EQ(holds[1].id, 3);
}

TEST_P(StoreConformance, WhatIsNoHoldIsRefusedAndNothingRecorded) {
  EXPECT_EQ(error_code(store_->add_hold({.reason = "all"})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store_->add_hold({.agent = "ada"})), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store_->add_hold({.since = at(2), .until = at(1), .reason = "a"})),
            ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(store_->add_hold({.agent = "ada", .reason = std::string(2 << 20, 'x')})),
            ErrorCode::too_large);
  EXPECT_EQ(error_code(store_->release_hold(1, "kim", "a")), ErrorCode::not_found);
  ASSERT_TRUE(store_->add_hold({.agent = "ada", .reason = "a"}));
  EXPECT_EQ(error_code(store_->release_hold(1, "kim", "")), ErrorCode::invalid_argument);
  EXPECT_EQ(store_->last_id(), 1);
}

TEST_P(StoreConformance, NamesOfAnyBytesAreHeld) {
  const std::string odd("a\0'\xff", 4);
  insert_all({of(odd, odd, 1), of("a", "a", 1)});
  ASSERT_TRUE(store_->add_hold({.agent = odd, .conversation_id = odd, .reason = "case 7"}));
  EXPECT_EQ(store_->prune_before(at(9)), 1);
  EXPECT_EQ(own_ids(), Ids{1});
}

}  // namespace
}  // namespace agentaudit
