#include "server/group_commit.h"

#include <algorithm>
#include <new>
#include <utility>

namespace agentaudit {

Result<InsertedNew> GroupCommit::insert_new(std::span<const KeyedView> events) {
  Waiting own{.events = events};
  for (const KeyedView& keyed : events) own.bytes += size_bytes(keyed.event);
  std::vector<Waiting*> group;
  group.reserve(requests_max);  // now: memory that runs out later must leave nobody waiting
  std::unique_lock lock(mutex_);
  queue_.push_back(&own);
  own.turn.wait(lock, [&] { return own.done || queue_.front() == &own; });
  if (own.done) return std::move(own.result);

  take_group(group);
  lock.unlock();
  commit(group);
  lock.lock();
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(group.size()));
  for (Waiting* const waiting : group) {
    waiting->done = true;
    if (waiting != &own) waiting->turn.notify_one();
  }
  if (!queue_.empty()) queue_.front()->turn.notify_one();
  return std::move(own.result);
}

void GroupCommit::take_group(std::vector<Waiting*>& group) const {
  std::size_t events = 0;
  std::size_t bytes = 0;
  for (Waiting* const waiting : queue_) {
    events += waiting->events.size();
    bytes += waiting->bytes;
    if (!group.empty() && (events > events_max || bytes > bytes_max)) break;
    if (group.size() == requests_max) break;
    group.push_back(waiting);
  }
}

void GroupCommit::commit(std::span<Waiting* const> group) noexcept {
  try {
    if (group.size() == 1) {
      group[0]->result = commit(group[0]->events);
    } else {
      commit_together(group);
    }
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): the results say so
  }
}

void GroupCommit::commit_together(std::span<Waiting* const> group) {
  std::vector<KeyedView> together;
  for (Waiting* const waiting : group) {
    together.insert(together.end(), waiting->events.begin(), waiting->events.end());
    // What is committed must not become an error for want of memory for its answer.
    waiting->inserted.ids.reserve(waiting->events.size());
  }
  const auto inserted = commit(together);
  if (!inserted) {
    // What is wrong with one must not be the others' loss; what is wrong with the trail is.
    const bool is_of_events = inserted.error().code == ErrorCode::invalid_argument ||
                              inserted.error().code == ErrorCode::too_large;
    for (Waiting* const waiting : group) {
      waiting->result = is_of_events ? commit(waiting->events) : fail(inserted.error());
    }
    return;
  }
  // New ids are consecutive in the order of the events, so an event that came with two
  // requests counts as stored by the first.
  const EventId last =
      inserted->ids.empty() ? 0 : *std::max_element(inserted->ids.begin(), inserted->ids.end());
  EventId next_new = last - inserted->stored + 1;
  auto id = inserted->ids.begin();
  for (Waiting* const waiting : group) {
    const auto end = id + static_cast<std::ptrdiff_t>(waiting->events.size());
    waiting->inserted.ids.assign(id, end);
    for (; id != end; ++id) {
      if (inserted->stored == 0 || *id != next_new) continue;
      ++waiting->inserted.stored;
      ++next_new;
    }
    waiting->result = std::move(waiting->inserted);
  }
}

Result<InsertedNew> GroupCommit::commit(std::span<const KeyedView> events) {
  const auto start = std::chrono::steady_clock::now();
  auto inserted = store_->insert_new(events);
  if (inserted) committed_(std::chrono::steady_clock::now() - start);
  return inserted;
}

}  // namespace agentaudit
