// RateLimiter: so much a minute for each key, by token buckets.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace agentaudit {

// A bucket holds what may be used in a minute, and fills evenly. Who finds one in it
// may take more than there is, and waits until that is paid back: so a request of any size
// passes at last, and over time nobody gets more. Thread-safe.
class RateLimiter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // Over this, buckets that are full are forgotten, which changes nothing for their owners;
  // should there be none, all are.
  static constexpr std::size_t keys_max = 10'000;

  // nullopt: it is taken. Else nothing is, and there is nothing before so many seconds, at
  // least one.
  [[nodiscard]] std::optional<std::chrono::seconds> take(std::string_view key, std::int64_t amount,
                                                         std::int64_t per_minute, TimePoint now);
  // How long nothing can be taken; nullopt: something can.
  [[nodiscard]] std::optional<std::chrono::seconds> wait_for(std::string_view key,
                                                             std::int64_t per_minute,
                                                             TimePoint now);

 private:
  struct Bucket {
    double level = 0;
    double per_minute = 0;
    TimePoint filled{};
  };

  // Under mutex_.
  Bucket& bucket_of(std::string_view key, std::int64_t per_minute, TimePoint now);
  static void fill(Bucket& bucket, TimePoint now);
  void forget_full(TimePoint now);

  std::mutex mutex_;
  std::map<std::string, Bucket, std::less<>> buckets_;  // guarded by mutex_
};

}  // namespace agentaudit
