// DurationHistogram: how often durations occur, in little memory, for their quantiles.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace agentaudit {

// Log-linear: up to 127 ms every duration has a bucket of its own, beyond that each
// doubling has 64. So a quantile is exact up to 127 ms and at most 1/128 off beyond (less
// than 1 %); a histogram takes at most 30 KiB, 8 KiB if nothing took longer than 20
// minutes. Not thread-safe.
class DurationHistogram {
 public:
  // Durations of 0 and less are passed over.
  void add(std::chrono::milliseconds duration);

  void merge(const DurationHistogram& other);

  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  // The greatest, exactly; 0: there are none.
  [[nodiscard]] std::chrono::milliseconds max() const noexcept { return max_; }
  // The least duration that `percent` (1 to 100) of all do not exceed; 0: there are none.
  [[nodiscard]] std::chrono::milliseconds quantile(int percent) const;

 private:
  std::vector<std::int64_t> buckets_;  // as far as they are needed
  std::int64_t count_ = 0;
  std::chrono::milliseconds max_{};
};

}  // namespace agentaudit
