// GroupCommit: what several requests bring at once goes into one transaction.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "agentaudit/core/keyed_event.h"
#include "agentaudit/core/limits.h"
#include "agentaudit/store/store.h"
#include "core/out_of_memory.h"

namespace agentaudit {

// A commit costs a sync, however much is in it. While one thread commits, the others that
// come wait together; the first of them then commits for all. Nobody waits for company.
// Thread-safe.
class GroupCommit {
 public:
  // Of one transaction, unless a request alone has more.
  static constexpr std::size_t events_max = limits::batch_events_max;
  static constexpr std::size_t bytes_max = limits::body_bytes_max;
  static constexpr std::size_t requests_max = 64;  // room for them is made beforehand

  // Calls `committed` after each commit with how long it took, from any thread.
  GroupCommit(std::shared_ptr<Store> store,
              std::function<void(std::chrono::steady_clock::duration)> committed)
      : store_(std::move(store)), committed_(std::move(committed)) {}

  // As Store::insert_new; all or nothing of `events`.
  [[nodiscard]] Result<InsertedNew> insert_new(std::span<const KeyedView> events);

  // Calls that wait, or are at work.
  [[nodiscard]] std::size_t queue_depth() const {
    const std::lock_guard guard(mutex_);
    return queue_.size();
  }

 private:
  struct Waiting {
    std::span<const KeyedView> events;
    std::size_t bytes = 0;
    std::condition_variable turn{};
    bool done = false;
    InsertedNew inserted{};  // has its room before the commit
    // Stays, where memory runs out before there is another.
    Result<InsertedNew> result = out_of_memory();
  };

  // Under mutex_: those at the front that go together, into `group`, which has room.
  void take_group(std::vector<Waiting*>& group) const;
  // Fills their results.
  void commit(std::span<Waiting* const> group) noexcept;
  void commit_together(std::span<Waiting* const> group);
  [[nodiscard]] Result<InsertedNew> commit(std::span<const KeyedView> events);

  const std::shared_ptr<Store> store_;
  const std::function<void(std::chrono::steady_clock::duration)> committed_;
  mutable std::mutex mutex_;
  std::deque<Waiting*> queue_;  // guarded by mutex_; the first is at work
};

}  // namespace agentaudit
