#include "store/duration_histogram.h"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace agentaudit {
namespace {

constexpr std::uint64_t exact_end = 128;
constexpr std::size_t steps = 64;  // of each doubling
constexpr int step_bits = 6;

std::size_t bucket_of(std::uint64_t duration_ms) {
  if (duration_ms < exact_end) return static_cast<std::size_t>(duration_ms);
  const int shift = static_cast<int>(std::bit_width(duration_ms)) - 1 - step_bits;
  const auto step = static_cast<std::size_t>(duration_ms >> shift) - steps;
  return steps * static_cast<std::size_t>(shift + 1) + step;
}

// The middle of what falls into the bucket.
std::int64_t middle_of(std::size_t bucket) {
  if (bucket < exact_end) return static_cast<std::int64_t>(bucket);
  const std::size_t shift = bucket / steps - 1;
  const std::uint64_t least = std::uint64_t{steps + bucket % steps} << shift;
  const std::uint64_t width = std::uint64_t{1} << shift;
  return static_cast<std::int64_t>(least + (width - 1) / 2);
}

}  // namespace

void DurationHistogram::add(std::chrono::milliseconds duration) {
  if (duration.count() <= 0) return;
  const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(duration.count()));
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  max_ = std::max(max_, duration);
}

void DurationHistogram::merge(const DurationHistogram& other) {
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::chrono::milliseconds DurationHistogram::quantile(int percent) const {
  const std::int64_t rank = (count_ * percent + 99) / 100;
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(max_, std::chrono::milliseconds(middle_of(i)));
  }
  return max_;
}

}  // namespace agentaudit
