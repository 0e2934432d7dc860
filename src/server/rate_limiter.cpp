#include "server/rate_limiter.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace agentaudit {
namespace {

constexpr double seconds_of_minute = 60;

std::optional<std::chrono::seconds> wait_of(double level, double per_minute) {
  if (level >= 1) return std::nullopt;
  const double seconds = std::ceil((1 - level) / per_minute * seconds_of_minute);
  return std::chrono::seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds)));
}

}  // namespace

std::optional<std::chrono::seconds> RateLimiter::take(std::string_view key, std::int64_t amount,
                                                      std::int64_t per_minute, TimePoint now) {
  const std::lock_guard guard(mutex_);
  Bucket& bucket = bucket_of(key, per_minute, now);
  if (const auto wait = wait_of(bucket.level, bucket.per_minute)) return wait;
  bucket.level -= static_cast<double>(amount);
  return std::nullopt;
}

std::optional<std::chrono::seconds> RateLimiter::wait_for(std::string_view key,
                                                          std::int64_t per_minute, TimePoint now) {
  const std::lock_guard guard(mutex_);
  if (buckets_.find(key) == buckets_.end()) return std::nullopt;
  const Bucket& bucket = bucket_of(key, per_minute, now);
  return wait_of(bucket.level, bucket.per_minute);
}

RateLimiter::Bucket& RateLimiter::bucket_of(std::string_view key, std::int64_t per_minute,
                                            TimePoint now) {
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= keys_max) forget_full(now);
    const auto full = static_cast<double>(per_minute);
    found = buckets_.emplace(key, Bucket{.level = full, .per_minute = full, .filled = now}).first;
  }
  // The limit may have been changed since.
  found->second.per_minute = static_cast<double>(per_minute);
  fill(found->second, now);
  return found->second;
}

void RateLimiter::fill(Bucket& bucket, TimePoint now) {
  const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.level =
      std::min(bucket.per_minute, bucket.level + seconds / seconds_of_minute * bucket.per_minute);
  bucket.filled = now;
}

void RateLimiter::forget_full(TimePoint now) {
  for (auto it = buckets_.begin(); it != buckets_.end();) {
    fill(it->second, now);
    it = it->second.level >= it->second.per_minute ? buckets_.erase(it) : std::next(it);
  }
  if (buckets_.size() >= keys_max) buckets_.clear();
}

}  // namespace agentaudit
