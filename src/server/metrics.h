// Metrics: what the daemon counts, in Prometheus' text format (exposition 0.0.4).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "agentaudit/redact/redactor.h"

namespace agentaudit {

// By which way events come in.
enum class Door : std::uint8_t { http, otlp, count };

// Of events; offered = durable + repeated + refused + dropped + those held,
// for every door.
struct DoorCounters {
  std::atomic<std::int64_t> offered{0};
  std::atomic<std::int64_t> durable{0};
  std::atomic<std::int64_t> refused{0};   // not what an event has to be
  std::atomic<std::int64_t> repeated{0};  // had come before
  std::atomic<std::int64_t> dropped{0};   // the trail could not take them; the client was told
};

// Thread-safe.
class Metrics {
 public:
  [[nodiscard]] DoorCounters& door(Door door) noexcept {
    return doors_[static_cast<std::size_t>(door)];
  }
  void count_request(std::string_view route, int status);
  void count_commit(std::chrono::nanoseconds latency);
  void count_redacted(const RedactionReport& report);

  struct Gauges {
    std::int64_t store_bytes = 0;
    std::int64_t last_id = 0;
    std::size_t followers = 0;
    std::size_t otlp_held = 0;
    std::size_t commit_queue = 0;
  };
  [[nodiscard]] std::string text(const Gauges& gauges) const;

 private:
  static constexpr std::array<double, 12> commit_bounds_s = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5};

  std::array<DoorCounters, static_cast<std::size_t>(Door::count)> doors_;
  std::array<std::atomic<std::int64_t>, commit_bounds_s.size() + 1> commits_{};
  std::atomic<std::int64_t> commit_ns_{0};
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::pair<std::string, int>, std::int64_t> requests_;
  RedactionReport redacted_;  // its kinds live as long as the redactor
};

}  // namespace agentaudit
