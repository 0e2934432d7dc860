// RecordedAhead: reads a trail's events as they were recorded, a batch ahead of its user.
#pragma once

#include <future>
#include <stop_token>
#include <vector>

#include "agentaudit/store/store.h"

namespace agentaudit {

// While one batch is used, a thread reads the next. Not thread-safe. The store must outlive it.
class RecordedAhead {
 public:
  // From the event after `after` on, `limit` of them a batch.
  RecordedAhead(Store& store, EventId after, std::int64_t limit, std::stop_token stop)
      : store_(store), after_(after), limit_(limit), stop_(std::move(stop)) {}
  RecordedAhead(const RecordedAhead&) = delete;
  RecordedAhead& operator=(const RecordedAhead&) = delete;
  ~RecordedAhead() = default;  // waits for the thread

  // Empty: there are no more for now. Errors: those of Store::recorded.
  [[nodiscard]] Result<std::vector<RecordedEvent>> next();

 private:
  Store& store_;
  EventId after_;
  std::int64_t limit_;
  std::stop_token stop_;
  std::future<Result<std::vector<RecordedEvent>>> ahead_;  // valid: it is being read
};

}  // namespace agentaudit
