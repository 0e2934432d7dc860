#include "cli/pruning.h"

#include <gtest/gtest.h>

#include <string>

#include "agentaudit/store/sqlite_store.h"
#include "cli/kept_talk.h"
#include "store/error_code.h"
#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

class PruningTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = SqliteStore::open(directory_ / "audit.db", {});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    for (const char* const agent : {"kept", "gone", "gone"}) {
      Event event;
      event.category = "llm";
      event.agent = agent;
      event.timestamp = *Timestamp::parse("2020-01-01T00:00:00Z");
      ASSERT_TRUE(store_->insert(event));
    }
  }
  [[nodiscard]] static PruneOpts opts() {
    PruneOpts opts;
    opts.cutoff = *Timestamp::parse("2021-01-01T00:00:00Z");
    opts.keep_pace = false;
    return opts;
  }

  ScratchDirectory directory_;
  std::shared_ptr<SqliteStore> store_;
  KeptTalk talk_;
};

TEST_F(PruningTest, CountsWhatWentAndWhatIsHeld) {
  HoldOpts hold;
  hold.agent = "kept";
  hold.reason = "a case";
  ASSERT_TRUE(store_->add_hold(hold));
  const auto counts = prune_with_bar(talk_.context(), *store_, opts(), {});
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(counts->deleted, 2);
  EXPECT_EQ(counts->held, 1);
  EXPECT_EQ(talk_.said(), "");
}

TEST_F(PruningTest, AnInterruptIsToldWithTheWayOn) {
  std::stop_source stop;
  stop.request_stop();
  const auto counts = prune_with_bar(talk_.context(), *store_, opts(), stop.get_token());
  ASSERT_EQ(error_code(counts), ErrorCode::cancelled);
  EXPECT_EQ(report_prune(talk_.context(), counts.error()), ExitStatus::interrupted);
  EXPECT_EQ(talk_.said(),
            "agentaudit: interrupted; what was deleted stays deleted, prune again to finish\n");
}

TEST_F(PruningTest, AnyOtherFailureIsToldInItsOwnWords) {
  ASSERT_TRUE(store_->close());
  const auto counts = prune_with_bar(talk_.context(), *store_, opts(), {});
  ASSERT_EQ(error_code(counts), ErrorCode::closed);
  EXPECT_EQ(report_prune(talk_.context(), counts.error()), ExitStatus::unusable);
  EXPECT_EQ(talk_.said(), "agentaudit: " + counts.error().message + "\n");
}

TEST(Pruning, WhatIsHeldIsASentenceOrNothing) {
  EXPECT_EQ(held_text(0), "");
  EXPECT_EQ(held_text(1), "; 1 event is under a hold and stays");
  EXPECT_EQ(held_text(2'000), "; 2,000 events are under a hold and stay");
}

}  // namespace
}  // namespace agentaudit
