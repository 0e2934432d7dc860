// Conformance: when a store that has a key signs, and what its checkpoints say.

#include <fstream>
#include <sstream>

#include "ledger/checkpoint.h"
#include "store/error_code.h"
#include "store/store_conformance.h"
#include "store/test_keys.h"

namespace agentaudit {
namespace {

Checkpoint opened(const Result<std::string>& note) {
  EXPECT_TRUE(note) << note.error().message;
  const auto checkpoint = open_checkpoint(note.value_or(""), own_key().verifier());
  EXPECT_TRUE(checkpoint) << checkpoint.error().message;
  return checkpoint ? *checkpoint : Checkpoint{};
}

VerifyOpts by_own_key() {
  VerifyOpts opts;
  opts.keys = {own_key().verifier().to_text()};
  opts.expect_signed = true;
  return opts;
}

std::vector<Event> some(std::size_t count) { return std::vector<Event>(count, event_at(at(1))); }

TEST_P(StoreConformance, AStoreThatSignsSealsEverythingWhenItCloses) {
  sign_with(own_key());
  insert_all(some(1'000));
  insert_all(some(500));
  const std::string id = store_->trail_id().value();
  ASSERT_TRUE(store_->close());
  std::ostringstream witness;
  witness << std::ifstream(scratch_ / "checkpoints" / id).rdbuf();
  const Checkpoint checkpoint = opened(witness.str());
  EXPECT_EQ(checkpoint.size, 1'500);
  EXPECT_EQ(checkpoint.origin, "own.example/" + id);
  reopen();
  if (IsSkipped()) return;
  EXPECT_EQ(store_->checkpoint(), witness.str());
  VerifyOpts opts = by_own_key();
  opts.witnesses = {witness.str()};
  const auto result = store_->verify(opts, {});
  EXPECT_EQ(result->verdict, Verdict::intact);
  EXPECT_EQ(result->level, ProofLevel::signed_checkpoint);
  EXPECT_EQ(result->sealed, 1'500);
}

TEST_P(StoreConformance, TheFirstWriteIsSealedAtOnceAndTheNextNotWithinASecond) {
  sign_with(own_key());
  insert_all(some(10));
  EXPECT_EQ(store_->verify(by_own_key(), {})->sealed, 10);
  insert_all(some(10));
  EXPECT_EQ(store_->verify(by_own_key(), {})->sealed, 10);
  // Asked for, it is signed now.
  EXPECT_EQ(opened(store_->checkpoint()).size, 20);
  insert_all(some(10));
  ASSERT_TRUE(store_->sign());
  EXPECT_EQ(store_->verify(by_own_key(), {})->sealed, 30);
}

TEST_P(StoreConformance, WithoutAKeyNothingIsSigned) {
  insert_all(some(3));
  EXPECT_TRUE(store_->sign());
  const auto none = store_->checkpoint();
  ASSERT_EQ(error_code(none), ErrorCode::not_found);
  EXPECT_NE(none.error().message.find("agentaudit key init"), std::string::npos);
  EXPECT_EQ(error_code(store_->note_anchor("x")), ErrorCode::not_found);
  const auto result = store_->verify(by_own_key(), {});
  ASSERT_EQ(result->integrity.total, 1);
  EXPECT_NE(result->integrity.first[0].what.find("no checkpoint is signed by own.example"),
            std::string::npos);
}

TEST_P(StoreConformance, AKeyThatIsNoneIsRefusedWithoutBeingShown) {
  OpenStoreOptions options;
  options.signing_key = "PRIVATE+KEY+own.example+00000000+c2VjcmV0";
  const auto store = GetParam().make(home_, options);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().message.find("c2VjcmV0"), std::string::npos) << store.error().message;
}

TEST_P(StoreConformance, WhatGoesWithAPruneIsSealedBefore) {
  sign_with(own_key());
  insert_all(some(10));
  insert_all(some(10));
  EXPECT_EQ(prune(at(5)), 20);
  const auto result = store_->verify(by_own_key(), {});
  EXPECT_EQ(result->verdict, Verdict::intact);
  EXPECT_GE(result->sealed, 20);
}

TEST_P(StoreConformance, AnAnchorThatAgreesRaisesTheLevel) {
  sign_with(own_key());
  insert_all(some(50));
  VerifyOpts opts = by_own_key();
  opts.anchors = {store_->checkpoint().value()};
  ASSERT_TRUE(store_->note_anchor("elsewhere"));
  insert_all(some(50));
  ASSERT_TRUE(store_->checkpoint());
  const auto result = store_->verify(opts, {});
  EXPECT_EQ(result->verdict, Verdict::intact);
  EXPECT_EQ(result->level, ProofLevel::anchored_checkpoint);
  EXPECT_EQ(result->sealed, 50);
  // Without the key it proves nothing.
  opts.keys.clear();
  opts.expect_signed = false;
  EXPECT_EQ(store_->verify(opts, {})->level, ProofLevel::unsigned_tree);
}

TEST_P(StoreConformance, AnAnchorThatIsAheadShowsThatTheTrailWasRolledBack) {
  sign_with(own_key());
  insert_all(some(50));
  VerifyOpts opts = by_own_key();
  const std::string origin = "own.example/" + store_->trail_id().value();
  opts.anchors = {sign_checkpoint({.origin = origin, .size = 60}, own_key()).value()};
  EXPECT_EQ(store_->verify(opts, {})->verdict, Verdict::rolled_back);
  opts.anchors = {sign_checkpoint({.origin = origin, .size = 40}, own_key()).value()};
  const auto result = store_->verify(opts, {});
  EXPECT_EQ(result->verdict, Verdict::rolled_back);
  EXPECT_NE(result->integrity.first[0].what.find("is of another history"), std::string::npos);
}

TEST_P(StoreConformance, TwoWritersWithOneKeySignOneHistory) {
  if (!GetParam().reopen) GTEST_SKIP() << "it has one writer";
  sign_with(own_key());
  const auto second = GetParam().reopen(home_, options_).value();
  for (int i = 0; i < 5; ++i) {
    insert_all(some(10));
    ASSERT_TRUE(store_->checkpoint());
    ASSERT_TRUE(second->insert(event_at(at(1))));
    ASSERT_TRUE(second->checkpoint());
  }
  EXPECT_EQ(opened(store_->checkpoint()).size, 55);
  EXPECT_EQ(store_->verify(by_own_key(), {})->verdict, Verdict::intact);
}

}  // namespace
}  // namespace agentaudit
