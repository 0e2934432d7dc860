// What a trail in PostgreSQL tells of events that others store.

#include "agentaudit/store/postgres_store.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "store/error_code.h"
#include "store/postgres_trail.h"

namespace agentaudit {
namespace {

class PostgresListenerTest : public PostgresTrailTest {
 protected:
  // Whether it was told more often than that, within ten seconds.
  bool is_told_beyond(int times) const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < give_up) {
      if (told_ > times) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
  }

  std::atomic<int> told_ = 0;
};

TEST_F(PostgresListenerTest, WhatAnotherStoreStoresIsTold) {
  const auto watch = store_->watch([this] { ++told_; });
  ASSERT_TRUE(watch) << watch.error().message;
  ASSERT_TRUE(is_told_beyond(0));  // it listens now
  const int before = told_;
  const auto other = PostgresStore::open(server_->url(schema_));
  ASSERT_TRUE((*other)->insert(event(Timestamp::now())));
  EXPECT_TRUE(is_told_beyond(before));
}

TEST_F(PostgresListenerTest, ItListensAgainAfterTheServerWasKilled) {
  const auto watch = store_->watch([this] { ++told_; });
  ASSERT_TRUE(is_told_beyond(0));
  server_->kill();
  int before = told_;
  server_->start();
  ASSERT_TRUE(is_told_beyond(before));
  before = told_;
  insert(1);
  EXPECT_TRUE(is_told_beyond(before));
}

TEST_F(PostgresListenerTest, NothingIsToldOnceTheWatchIsGone) {
  auto watch = store_->watch([this] { ++told_; });
  ASSERT_TRUE(is_told_beyond(0));
  watch->reset();
  const int before = told_;
  insert(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(told_, before);
  ASSERT_TRUE(store_->close());
  EXPECT_EQ(error_code(store_->watch([] {})), ErrorCode::closed);
}

}  // namespace
}  // namespace agentaudit
