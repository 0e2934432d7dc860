// Sinks, events and checks that the emitter's tests share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "agentaudit/core/event_sink.h"
#include "agentaudit/core/names.h"
#include "agentaudit/emit/buffered_emitter.h"

namespace agentaudit::testing {

// Keeps what it is given. `before_write` runs first, without the lock, and decides: a
// value is the answer in place of keeping.
class RecordingSink : public EventSink {
 public:
  using BeforeWrite = std::function<std::optional<Error>(std::span<const EventView>)>;

  explicit RecordingSink(BeforeWrite before_write = {}) : before_write_(std::move(before_write)) {}

  Result<IdRange> write(std::span<const EventView> events) override {
    if (before_write_) {
      if (auto error = before_write_(events)) return fail(std::move(*error));
    }
    const std::lock_guard guard(mutex_);
    const auto first = static_cast<EventId>(events_.size()) + 1;
    for (const EventView& event : events) events_.push_back(event.to_event());
    batches_.push_back(events.size());
    return IdRange{.first = first, .last = static_cast<EventId>(events_.size())};
  }

  Result<void> sign() override {
    const std::lock_guard guard(mutex_);
    signed_sizes_.push_back(events_.size());
    changed_.notify_all();
    return {};
  }

  // Waits for the first `events` events to be signed. False: not in time.
  [[nodiscard]] bool wait_signed(std::size_t events, std::chrono::nanoseconds timeout) {
    std::unique_lock guard(mutex_);
    return changed_.wait_for(
        guard, timeout, [&] { return !signed_sizes_.empty() && signed_sizes_.back() >= events; });
  }
  // How many events there were, each time that it was asked to sign.
  [[nodiscard]] std::vector<std::size_t> signed_sizes() const {
    const std::lock_guard guard(mutex_);
    return signed_sizes_;
  }

  [[nodiscard]] std::vector<Event> events() const {
    const std::lock_guard guard(mutex_);
    return events_;
  }
  [[nodiscard]] std::vector<std::size_t> batches() const {
    const std::lock_guard guard(mutex_);
    return batches_;
  }

 private:
  const BeforeWrite before_write_;
  mutable std::mutex mutex_;
  std::vector<Event> events_;
  std::vector<std::size_t> batches_;
  std::condition_variable changed_;
  std::vector<std::size_t> signed_sizes_;
};

// Holds whoever passes until it is opened, and lets a test wait for somebody to come.
class Gate {
 public:
  void pass() {
    std::unique_lock guard(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(guard, [&] { return open_; });
  }
  void open() {
    const std::lock_guard guard(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait_for_visitor() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [&] { return waiting_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

inline constexpr std::chrono::seconds generous{30};  // a test that waits this long has failed

inline Event tool_call(std::string summary = "search") {
  Event event;
  event.category = category::tool_call;
  event.action = "execute";
  event.agent = "researcher";
  event.summary = std::move(summary);
  return event;
}

inline std::vector<Event> gaps_in(const std::vector<Event>& events) {
  std::vector<Event> gaps;
  for (const Event& event : events) {
    if (event.category == category::audit && event.action == action::gap) gaps.push_back(event);
  }
  return gaps;
}

inline void expect_consistent(const EmitterCounters& counters) {
  EXPECT_EQ(counters.offered, counters.accepted + counters.dropped);
  EXPECT_EQ(counters.accepted,
            counters.durable + counters.refused + counters.abandoned + counters.buffered);
}

}  // namespace agentaudit::testing
