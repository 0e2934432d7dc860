#include "server/group_commit.h"

#include <atomic>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

class GroupCommitTest : public SqliteTrail {
 protected:
  static KeyedEvent keyed(const std::string& summary, const std::string& key = {}) {
    KeyedEvent keyed{.event = event_at(at(1)), .origin_key = key};
    keyed.event.summary = summary;
    return keyed;
  }

  std::shared_ptr<SqliteStore> store_ = open();
  std::atomic<int> commits_ = 0;
  GroupCommit group_{store_, [this](std::chrono::steady_clock::duration) { ++commits_; }};
};

TEST_F(GroupCommitTest, GivesEachRequestTheIdsOfItsOwnEvents) {
  constexpr int threads = 8;
  constexpr int requests = 50;
  constexpr std::size_t events = 3;
  std::latch ready(threads);
  std::vector<std::jthread> clients;
  for (int thread = 0; thread < threads; ++thread) {
    clients.emplace_back([&, thread] {
      ready.arrive_and_wait();
      for (int request = 0; request < requests; ++request) {
        const std::string name = std::to_string(thread) + "/" + std::to_string(request);
        const std::vector<KeyedEvent> batch(events, keyed(name));
        const std::vector<KeyedView> views(batch.begin(), batch.end());
        const auto inserted = group_.insert_new(views);
        ASSERT_TRUE(inserted) << inserted.error().message;
        EXPECT_EQ(inserted->stored, 3);
        ASSERT_EQ(inserted->ids.size(), events);
        for (const EventId id : inserted->ids) EXPECT_EQ(store_->get(id)->summary, name);
      }
    });
  }
  clients.clear();
  EXPECT_EQ(store_->last_id().value(), threads * requests * 3);
  EXPECT_LE(commits_, threads * requests);
}

TEST_F(GroupCommitTest, AnEventThatTwoRequestsBringIsStoredOnce) {
  constexpr int threads = 8;
  for (int round = 0; round < 20; ++round) {
    std::latch ready(threads);
    std::atomic<std::int64_t> stored = 0;
    std::vector<std::jthread> clients;
    for (int thread = 0; thread < threads; ++thread) {
      clients.emplace_back([&, thread] {
        const std::vector<KeyedEvent> batch = {
            keyed("shared", "key of round " + std::to_string(round)),
            keyed("own of " + std::to_string(thread))};
        const std::vector<KeyedView> views(batch.begin(), batch.end());
        ready.arrive_and_wait();
        const auto inserted = group_.insert_new(views);
        ASSERT_TRUE(inserted) << inserted.error().message;
        stored += inserted->stored;
        EXPECT_EQ(store_->get(inserted->ids[0])->summary, "shared");
        EXPECT_EQ(store_->get(inserted->ids[1])->summary, "own of " + std::to_string(thread));
      });
    }
    clients.clear();
    EXPECT_EQ(stored, threads + 1);
    EXPECT_EQ(store_->last_id().value(), (round + 1) * (threads + 1));
  }
}

TEST_F(GroupCommitTest, ABadEventIsTheLossOfItsRequestAlone) {
  constexpr int threads = 8;
  for (int round = 0; round < 20; ++round) {
    std::latch ready(threads);
    std::vector<std::jthread> clients;
    for (int thread = 0; thread < threads; ++thread) {
      clients.emplace_back([&, thread] {
        const bool is_bad = thread == 0;
        const KeyedEvent event =
            keyed("event", is_bad ? std::string(origin_key_bytes_max + 1, 'k') : "");
        const KeyedView view = event;
        ready.arrive_and_wait();
        EXPECT_EQ(group_.insert_new({&view, 1}).has_value(), !is_bad);
      });
    }
    clients.clear();
    EXPECT_EQ(store_->last_id().value(), (round + 1) * (threads - 1));
  }
}

TEST_F(GroupCommitTest, NoMoreRequestsGoTogetherThanMay) {
  constexpr std::size_t requests = 3 * GroupCommit::requests_max + 1;
  // Nobody can commit until all wait.
  auto other = raw(SqliteConnection::Mode::read_write);
  ASSERT_TRUE(other.exec("BEGIN IMMEDIATE"));
  std::vector<std::jthread> clients;
  for (std::size_t i = 0; i < requests; ++i) {
    clients.emplace_back([&, i] {
      const KeyedEvent event = keyed(std::to_string(i));
      const KeyedView view = event;
      EXPECT_TRUE(group_.insert_new({&view, 1}));
    });
  }
  while (group_.queue_depth() < requests) std::this_thread::yield();
  ASSERT_TRUE(other.exec("ROLLBACK"));
  clients.clear();
  EXPECT_EQ(store_->last_id().value(), static_cast<EventId>(requests));
  EXPECT_GE(commits_, 4);
}

TEST_F(GroupCommitTest, WhatTheTrailSaysIsSaidToAll) {
  ASSERT_TRUE(store_->close());
  const KeyedEvent event = keyed("late");
  const KeyedView view = event;
  const auto inserted = group_.insert_new({&view, 1});
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().code, ErrorCode::closed);
  EXPECT_EQ(commits_, 0);
}

}  // namespace
}  // namespace agentaudit
