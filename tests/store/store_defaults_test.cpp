// What a store says of what it does not do.

#include <array>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "store/least_store.h"

namespace agentaudit {
namespace {

// Keeps what it is asked to prune.
class PrunedStore final : public LeastStore {
 public:
  Result<std::int64_t> prune_before(const PruneOpts& opts, std::stop_token /*stop*/) override {
    pruned = opts;
    return 7;
  }

  PruneOpts pruned;
};

template <typename T>
Error refusal(const Result<T>& result) {
  return result ? Error{.code = ErrorCode::io, .message = "it was done"} : result.error();
}

TEST(StoreDefaults, WhatAStoreDoesNotDoIsUnsupportedAndSaidSo) {
  LeastStore store;
  constexpr std::string_view no_checkpoints = "this store signs no checkpoints";
  constexpr std::string_view no_holds = "this store keeps no holds";
  constexpr std::string_view no_rules = "this store keeps no rules of retention";
  constexpr std::string_view no_fleet = "only a fleet has several trails; clickhouse://… names one";
  const std::array refusals = {
      std::pair(refusal(store.insert_new({})), std::string_view("this store keeps no origin keys")),
      std::pair(refusal(store.preview_prune({}, {})),
                std::string_view("this store cannot say what a prune would delete")),
      std::pair(refusal(store.verify({}, {})),
                std::string_view("this store cannot be verified here; verify its trails")),
      std::pair(refusal(store.watch({})),
                std::string_view("this store does not tell what is stored")),
      std::pair(refusal(store.trail_id()),
                std::string_view("this store has no trail id of its own")),
      std::pair(refusal(store.trails({}, {})), no_fleet),
      std::pair(refusal(store.of_trails({})), no_fleet),
      std::pair(refusal(store.recorded(0, 1, {})),
                std::string_view("this store cannot say how its events were recorded")),
      std::pair(refusal(store.root_at(0)), std::string_view("this store keeps no tree")),
      std::pair(refusal(store.checkpoint()), no_checkpoints),
      std::pair(refusal(store.note_anchor("here")), no_checkpoints),
      std::pair(refusal(store.bundle({})),
                std::string_view("this store makes no evidence bundles")),
      std::pair(refusal(store.tiles({}, {})), std::string_view("this store writes no tiles")),
      std::pair(refusal(store.redact({})), std::string_view("this store erases no texts")),
      std::pair(refusal(store.add_hold({})), no_holds),
      std::pair(refusal(store.holds()), no_holds),
      std::pair(refusal(store.release_hold(1, "ada", "over")), no_holds),
      std::pair(refusal(store.set_retention({})), no_rules),
      std::pair(refusal(store.unset_retention({})), no_rules),
      std::pair(refusal(store.retention()), no_rules),
  };
  for (const auto& [refused, says] : refusals) {
    EXPECT_EQ(refused.code, ErrorCode::unsupported) << says;
    EXPECT_EQ(refused.message, says);
  }
  EXPECT_TRUE(store.sign()) << "without a key there is nothing to do";
}

TEST(StoreDefaults, AnEventAloneIsABatchOfOneAndACutoffAlonePrunesAll) {
  PrunedStore store;
  EXPECT_EQ(refusal(store.insert(Event())).message, "nothing is here");
  EXPECT_EQ(store.Store::prune_before(Timestamp::from_ns(5)), 7);
  EXPECT_EQ(store.pruned.cutoff, Timestamp::from_ns(5));
  EXPECT_TRUE(store.pruned.categories.empty());
}

}  // namespace
}  // namespace agentaudit
