#include "store/rest.h"

#include <thread>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto long_time = std::chrono::hours(1);

TEST(Rest, LastsAsLongAsItIsAskedFor) {
  const auto started = Clock::now();
  rest({}, std::chrono::milliseconds(5));
  EXPECT_GE(Clock::now() - started, std::chrono::milliseconds(5));
}

TEST(Rest, DoesNotBeginWhenStopWasRequested) {
  std::stop_source stop;
  stop.request_stop();
  const auto started = Clock::now();
  rest(stop.get_token(), long_time);
  EXPECT_LT(Clock::now() - started, long_time);
}

TEST(Rest, EndsWhenStopIsRequested) {
  std::stop_source stop;
  const auto started = Clock::now();
  std::jthread resting([&] { rest(stop.get_token(), long_time); });
  stop.request_stop();
  resting.join();
  EXPECT_LT(Clock::now() - started, long_time);
}

}  // namespace
}  // namespace agentaudit
