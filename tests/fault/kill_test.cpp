// Several processes write to one trail and are killed at any moment; a witness outside, this
// process, holds every id that was acknowledged.
//
// AGENTAUDIT_KILL_ROUNDS says how often they are killed.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "store/all_events.h"
#include "store/forked_child.h"
#include "store/number_from_environment.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int writers = 3;
constexpr int batch_events = 3;

struct Acknowledgement {
  EventId first;
  int round;
  int writer;
  int batch;
};

std::string summary_of(const Acknowledgement& batch, int number) {
  return std::to_string(batch.round) + '/' + std::to_string(batch.writer) + '/' +
         std::to_string(batch.batch) + '/' + std::to_string(number);
}

SqliteStoreOptions options() {
  SqliteStoreOptions options;
  options.record_sessions = true;
  options.wal_pages = 8;  // many deaths fall into checkpoints
  options.busy_timeout = 60s;
  return options;
}

// Writes until it is killed, and tells each batch that was acknowledged.
int write_forever(const std::filesystem::path& path, int round, int writer, int acknowledge) {
  const auto store = SqliteStore::open(path, options());
  if (!store) return 1;
  for (int batch = 0;; ++batch) {
    Acknowledgement said{.first = 0, .round = round, .writer = writer, .batch = batch};
    std::vector<Event> events;
    for (int i = 0; i < batch_events; ++i) {
      events.push_back(event_at(at(round), summary_of(said, i)));
      events.back().detail = std::string(3'000, 'x');
    }
    const auto range = (*store)->insert_batch(std::vector<EventView>(events.begin(), events.end()));
    if (!range) return 2;
    said.first = range->first;
    if (write(acknowledge, &said, sizeof said) != sizeof said) return 3;
  }
}

class KillTest : public SqliteTrail {
 protected:
  // Lets the writers work for a while, kills them, and notes what they were told.
  void kill_a_round(int round, std::chrono::microseconds life) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    std::vector<ForkedChild> children;
    for (int writer = 0; writer < writers; ++writer) {
      children.emplace_back([&] { return write_forever(path_, round, writer, ends[1]); });
    }
    close(ends[1]);
    usleep(static_cast<useconds_t>(life.count()));
    for (const ForkedChild& child : children) child.kill(SIGKILL);
    for (ForkedChild& child : children) EXPECT_EQ(child.wait(), -SIGKILL);
    Acknowledgement said{};
    while (read(ends[0], &said, sizeof said) == sizeof said) {
      for (int i = 0; i < batch_events; ++i) acknowledged_[said.first + i] = summary_of(said, i);
    }
    close(ends[0]);
  }

  // Every event from `after` on: those that were acknowledged are there, once, and no batch
  // is there in part.
  void expect_kept(SqliteStore& store, EventId after) {
    std::map<std::string, int> by_batch;
    std::map<EventId, std::string> found;
    const auto events = all_events(store, after);
    ASSERT_TRUE(events) << events.error().message;
    EventId last = after;
    for (const Event& event : *events) {
      EXPECT_EQ(event.id, ++last) << "ids without holes";
      if (event.category == "audit") ++actions_[event.action];
      if (event.category == "audit" || event.summary == "witness") continue;
      found[event.id] = event.summary;
      ++by_batch[event.summary.substr(0, event.summary.rfind('/'))];
    }
    for (const auto& [batch, count] : by_batch) EXPECT_EQ(count, batch_events) << batch;
    for (auto said = acknowledged_.upper_bound(after); said != acknowledged_.end(); ++said) {
      ASSERT_EQ(found[said->first], said->second) << "acknowledged as " << said->first;
    }
  }

  std::map<EventId, std::string> acknowledged_;
  std::map<std::string, int> actions_;  // of the trail's own records, in what was looked at
};

TEST_F(KillTest, WhatWasAcknowledgedIsThereOnceAfterEveryKill) {
  const auto rounds = static_cast<int>(number_from_environment("AGENTAUDIT_KILL_ROUNDS", 50));
  std::mt19937 random(7);
  std::vector<std::chrono::milliseconds> reopened;
  EventId checked = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    // From before the trail is there to some dozens of batches.
    kill_a_round(round, std::chrono::microseconds(random() % 60'000));
    const auto start = Clock::now();
    const auto store = SqliteStore::open(path_, options());
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE((*store)->insert(event_at(at(round), "witness")));
    reopened.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start));
    expect_kept(**store, checked);
    if (HasFatalFailure()) return;
    checked = (*store)->info()->last_id;
    if (round % 10 == 0 || round + 1 == rounds) {
      EXPECT_TRUE((*store)->check({}));
      EXPECT_NE((*store)->verify({}, {})->verdict, Verdict::tampered);
    }
    ASSERT_TRUE((*store)->close());
  }
  const auto store = open();
  actions_.clear();
  expect_kept(*store, 0);
  EXPECT_FALSE(acknowledged_.empty());
  EXPECT_GT(actions_["unclean_end"], 0);
  EXPECT_EQ(actions_["opened"], actions_["unclean_end"] + actions_["closed"]);
  std::sort(reopened.begin(), reopened.end());
  RecordProperty("acknowledged", static_cast<int>(acknowledged_.size()));
  RecordProperty("reopen_median_ms", static_cast<int>(reopened[reopened.size() / 2].count()));
  RecordProperty("reopen_max_ms", static_cast<int>(reopened.back().count()));
  EXPECT_LT(reopened.back(), 30s);
}

}  // namespace
}  // namespace agentaudit
