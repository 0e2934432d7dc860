// HistogramSteps: how every store cuts time into a histogram's buckets.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// Equal steps over the time from the first event to the last. Whole nanoseconds, so the
// last may be a little longer than the span.
class HistogramSteps {
 public:
  HistogramSteps(Timestamp first, Timestamp last, int buckets) : first_(first) {
    const std::uint64_t span = span_ns(first, last);
    step_ns_ = span / static_cast<std::uint64_t>(buckets);
    if (step_ns_ < std::numeric_limits<std::uint64_t>::max()) ++step_ns_;
    buckets_ = std::min(static_cast<std::uint64_t>(buckets), span / step_ns_ + 1);
  }

  // The same in whole hours, where a step is one or longer: for a store that counts by them. The
  // first bucket begins with the hour of the first event.
  static HistogramSteps in_hours(Timestamp first, Timestamp last, int buckets) {
    constexpr std::uint64_t hour_ns = 3'600'000'000'000;
    HistogramSteps steps(first, last, buckets);
    const std::int64_t into = first.ns() % std::int64_t{hour_ns};
    const std::int64_t late = into < 0 ? into + std::int64_t{hour_ns} : into;
    const bool is_at_the_start_of_time =
        first.ns() < std::numeric_limits<std::int64_t>::min() + late;
    if (steps.step_ns_ < hour_ns || is_at_the_start_of_time) return steps;
    steps.first_ = Timestamp::from_ns(first.ns() - late);
    const std::uint64_t span = span_ns(steps.first_, last);
    const auto wanted = static_cast<std::uint64_t>(buckets);
    const std::uint64_t hours = span / hour_ns + 1;
    steps.step_ns_ = (hours + wanted - 1) / wanted * hour_ns;
    steps.buckets_ = span / steps.step_ns_ + 1;
    steps.is_in_hours_ = true;
    return steps;
  }

  // Whether each bucket is of whole hours of UTC.
  [[nodiscard]] bool is_in_hours() const { return is_in_hours_; }
  [[nodiscard]] std::uint64_t step_ns() const { return step_ns_; }
  [[nodiscard]] std::size_t buckets() const { return buckets_; }
  [[nodiscard]] Timestamp start_of(std::size_t bucket) const {
    return Timestamp::from_ns(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(first_.ns()) + step_ns_ * bucket));
  }
  // A time outside belongs to the bucket at that end.
  [[nodiscard]] std::size_t bucket_of(std::int64_t time_ns) const {
    if (time_ns <= first_.ns()) return 0;
    const std::uint64_t step = span_ns(first_, Timestamp::from_ns(time_ns)) / step_ns_;
    return std::min<std::uint64_t>(step, buckets_ - 1);
  }

  // For each time the place of its bucket among `count` of them from `first` on; a time
  // outside of them gets a place all the same.
  template <typename Place>
  void places_of(std::span<const std::int64_t> times, std::size_t first, std::size_t count,
                 std::span<Place> places) const {
    // A division takes as long as some comparisons.
    constexpr std::size_t few = 8;
    if (count > few) {
      for (std::size_t p = 0; p < times.size(); ++p) {
        const std::size_t bucket = std::clamp(bucket_of(times[p]), first, first + count - 1);
        places[p] = static_cast<Place>(bucket - first);
      }
      return;
    }
    std::fill(places.begin(), places.end(), Place{0});
    for (std::size_t i = 1; i < count; ++i) {
      const std::int64_t start = start_of(first + i).ns();
      for (std::size_t p = 0; p < times.size(); ++p) {
        places[p] = static_cast<Place>(places[p] + (times[p] >= start ? 1 : 0));
      }
    }
  }

 private:
  // From `from` to `to`, which is not before it. Unsigned, because the span of two
  // timestamps may exceed int64.
  static std::uint64_t span_ns(Timestamp from, Timestamp to) {
    return static_cast<std::uint64_t>(to.ns()) - static_cast<std::uint64_t>(from.ns());
  }

  Timestamp first_;
  std::uint64_t step_ns_ = 1;
  std::uint64_t buckets_ = 1;
  bool is_in_hours_ = false;
};

}  // namespace agentaudit
