#include "store/turn.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

using Clock = std::chrono::steady_clock;

TEST(Turn, OneThreadHasItAtATime) {
  Turn turn;
  int count = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 1'000; ++round) {
          const std::lock_guard guard(turn);
          ++count;
        }
      });
    }
  }
  EXPECT_EQ(count, 4'000);
}

TEST(Turn, WhoWaitsForItGoesWhenStopIsRequested) {
  Turn turn;
  turn.lock();
  std::stop_source stop;
  bool taken = true;
  std::jthread waiting([&] { taken = turn.lock_before(stop.get_token(), {}); });
  stop.request_stop();
  waiting.join();
  EXPECT_FALSE(taken);
}

TEST(Turn, WhoWaitsForItGoesAtTheDeadline) {
  Turn turn;
  turn.lock();
  EXPECT_FALSE(turn.lock_before({}, Clock::now() + std::chrono::milliseconds(5)));
}

TEST(Turn, WhatWasGivenBackCanBeTaken) {
  Turn turn;
  turn.lock();
  turn.unlock();
  ASSERT_TRUE(turn.lock_before({}, Clock::now()));
  bool taken = false;
  std::jthread waiting([&] { taken = turn.lock_before({}, {}); });
  turn.unlock();
  waiting.join();
  EXPECT_TRUE(taken);
}

}  // namespace
}  // namespace agentaudit
