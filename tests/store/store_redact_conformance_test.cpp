// Conformance: a text that was erased is gone, and the event is proved all the same.

#include "agentaudit/core/names.h"
#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

constexpr std::string_view secret = "correct horse battery staple";

Event secretive(Timestamp timestamp = at(1)) {
  Event event = event_at(timestamp);
  event.conversation_id = "c-1";
  event.summary = "told: " + std::string(secret);
  event.detail = R"({"text":")" + std::string(secret) + "\"}";
  return event;
}

RecordedEvent recorded(Store& store, EventId id) {
  auto events = store.recorded(id - 1, 1, {});
  EXPECT_TRUE(events) << events.error().message;
  return events && events->size() == 1 ? events->front() : RecordedEvent{};
}

TEST_P(StoreConformance, BothTextsAreErasedAndTheEventIsStillProved) {
  insert_all({event_at(at(1)), event_at(at(2)), event_at(at(3)), secretive(), event_at(at(4))});
  const RecordedEvent before = recorded(*store_, 4);
  const auto record = store_->redact(
      {.id = 4, .summary = true, .detail = true, .principal = "kim", .reason = "\"art. 17\""});
  ASSERT_TRUE(record) << record.error().message;
  const RecordedEvent after = recorded(*store_, 4);
  EXPECT_EQ(after.leaf, before.leaf);
  EXPECT_EQ(after.recorded_at, before.recorded_at);
  EXPECT_EQ(after.nonce, "");
  EXPECT_EQ(after.erased_summary.size(), 32U);
  EXPECT_EQ(after.erased_detail.size(), 32U);
  Event left = secretive();
  left.id = 4;
  left.summary = "[redacted]";
  left.detail = R"({"redacted":true})";
  EXPECT_EQ(after.event, left);
  EXPECT_EQ(*store_->get(4), left);
  const Event said = store_->get(*record).value();
  EXPECT_EQ(said.category, category::audit);
  EXPECT_EQ(said.action, action::redacted);
  EXPECT_EQ(said.principal, "kim");
  EXPECT_EQ(said.conversation_id, "c-1");
  EXPECT_EQ(said.summary, "redacted summary and detail of event 4");
  EXPECT_EQ(said.detail, R"({"event":4,"fields":["summary","detail"],"trail":")" +
                             store_->trail_id().value() + R"(","reason":"\"art. 17\""})");
  expect_intact();
  EXPECT_EQ(store_->verify({}, {})->redacted, 1);
}

TEST_P(StoreConformance, OneTextIsErasedAndTheOtherStaysProved) {
  insert(secretive());
  ASSERT_TRUE(store_->redact({.id = 1, .detail = true}));
  EXPECT_EQ(store_->get(1)->summary, secretive().summary);
  EXPECT_EQ(store_->get(1)->detail, R"({"redacted":true})");
  // The nonce is gone, so that the erased text cannot be guessed.
  EXPECT_EQ(recorded(*store_, 1).nonce.size(), 16U);
  EXPECT_EQ(recorded(*store_, 1).erased_summary, "");
  expect_intact();
  ASSERT_TRUE(store_->redact({.id = 1, .summary = true}));
  EXPECT_EQ(recorded(*store_, 1).nonce, "");
  EXPECT_EQ(store_->get(1)->summary, "[redacted]");
  expect_intact();
  EXPECT_EQ(store_->verify({}, {})->redacted, 1);
}

TEST_P(StoreConformance, TheSummaryMayBeErasedFirst) {
  insert(secretive());
  ASSERT_TRUE(store_->redact({.id = 1, .summary = true}));
  EXPECT_EQ(store_->get(1)->detail, secretive().detail);
  expect_intact();
  ASSERT_TRUE(store_->redact({.id = 1, .detail = true}));
  expect_intact();
}

TEST_P(StoreConformance, NoQuestionFindsAnErasedText) {
  insert_all({event_at(at(1)), secretive()});
  EXPECT_EQ(list({.search = "horse"}).total, 1);
  ASSERT_TRUE(store_->redact({.id = 2, .summary = true, .detail = true}));
  EXPECT_EQ(list({.search = "horse"}).total, 0);
  EXPECT_EQ(list({.search = "[REDACTED]"}).total, 1);
  EXPECT_EQ(list({.agents = {"researcher"}}).total, 2);
}

TEST_P(StoreConformance, AnOriginOfARedactedEventIsForgotten) {
  const Event event = secretive();
  const std::vector<KeyedView> batch = {{event, "key"}};
  ASSERT_TRUE(store_->insert_new(batch));
  EXPECT_EQ(store_->insert_new(batch)->stored, 0);
  ASSERT_TRUE(store_->redact({.id = 1, .detail = true}));
  EXPECT_EQ(store_->insert_new(batch)->stored, 1);
  expect_intact();
}

TEST_P(StoreConformance, WhatCannotBeRedactedIsSaid) {
  insert(secretive());
  const auto refusal = [&](const RedactOpts& opts, ErrorCode code) {
    const auto refused = store_->redact(opts);
    EXPECT_EQ(error_code(refused), code);
    return refused ? std::string() : refused.error().message;
  };
  EXPECT_EQ(refusal({.id = 1}, ErrorCode::invalid_argument),
            "neither summary nor detail is to be redacted");
  EXPECT_EQ(refusal({.id = 99, .detail = true}, ErrorCode::not_found), "there is no event 99");
  refusal({.id = 1, .detail = true, .reason = std::string(std::size_t{2} << 20U, 'x')},
          ErrorCode::too_large);
  EXPECT_EQ(store_->get(1)->detail, secretive().detail);
  const EventId record = store_->redact({.id = 1, .detail = true}).value();
  EXPECT_EQ(refusal({.id = 1, .summary = true, .detail = true}, ErrorCode::invalid_argument),
            "event 1 is redacted already");
  EXPECT_EQ(refusal({.id = record, .detail = true}, ErrorCode::invalid_argument),
            "event 2 is a record of the trail itself, which stays as it is");
  EXPECT_EQ(store_->last_id(), record);
}

TEST_P(StoreConformance, ARedactedEventIsPrunedAsAnyOther) {
  insert_all({secretive(), event_at(at(100))});
  const EventId record = store_->redact({.id = 1, .detail = true}).value();
  EXPECT_EQ(prune(at(50)), 1);
  EXPECT_EQ(prune(Timestamp::from_ns(Timestamp::now().ns() + at(1).ns())), 1);
  EXPECT_TRUE(store_->get(record));
  expect_intact();
}

}  // namespace
}  // namespace agentaudit
