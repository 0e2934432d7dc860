#include "server/live_hub.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "core/event_pages.h"
#include "server/event_filter.h"

namespace agentaudit {
namespace {

using Clock = std::chrono::steady_clock;

// What a follower takes at once: small, for hundreds take it at the same time.
constexpr std::size_t piece_bytes_max = 32U << 10U;

std::string message_of(const Event& event) {
  std::string message = "id: " + std::to_string(event.id) + "\nevent: audit\ndata: ";
  append_json(message, event);  // on one line, always
  message += "\n\n";
  return message;
}

}  // namespace

class LiveHub::Follower final : public BodySource {
 public:
  Follower(LiveHub& hub, ListOpts filter, EventId position)
      : hub_(hub), filter_(std::move(filter)), position_(position) {
    const std::lock_guard guard(hub_.mutex_);
    place_ = hub_.followers_.insert(hub_.followers_.end(), this);
  }
  ~Follower() override {
    const std::lock_guard guard(hub_.mutex_);
    hub_.followers_.erase(place_);
  }

  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  void attach(const std::function<void()>& notify) override {
    const std::lock_guard guard(hub_.mutex_);
    notify_ = std::make_shared<const std::function<void()>>(notify);
  }

  State produce(std::string& out) override {
    // Headers go out with the first bytes: a client knows at once that it is connected.
    if (!std::exchange(greeted_, true)) out += "retry: 1000\n: following\n\n";
    while (out.size() < piece_bytes_max) {
      const std::optional<State> state = take(out);
      if (!state) continue;
      if (*state == State::wait && out.empty() &&
          Clock::now() - spoke_ >= hub_.options_.heartbeat) {
        out += ": still here\n\n";
      }
      if (!out.empty()) spoke_ = Clock::now();
      return *state;
    }
    spoke_ = Clock::now();
    return State::more;
  }

 private:
  friend class LiveHub;

  // One step forward; nullopt: there may be more.
  std::optional<State> take(std::string& out) {
    EventId head = 0;
    {
      const std::lock_guard guard(hub_.mutex_);
      if (hub_.stopping_) return State::end;
      head = hub_.head_;
      if (position_ >= head) return State::wait;
      if (position_ >= hub_.before_recent_) return take_recent(out);
    }
    // Too far behind: reads for itself, and what it read is known to be all up to `head`.
    EventPages pages(*hub_.store_, filter_.question(), position_);
    const auto events = pages.next({});
    if (!events) return State::broken;
    for (const Event& event : *events) out += message_of(event);
    position_ = events->empty() ? std::max(position_, head) : events->back().id;
    return std::nullopt;
  }

  // Under the hub's lock.
  std::optional<State> take_recent(std::string& out) {
    const auto& recent = hub_.recent_;
    auto next = std::upper_bound(recent.begin(), recent.end(), position_,
                                 [](EventId id, const std::shared_ptr<const LiveEvent>& live) {
                                   return id < live->event.id;
                                 });
    for (; next != recent.end() && out.size() < piece_bytes_max; ++next) {
      position_ = (*next)->event.id;
      if (filter_.matches((*next)->event)) out += (*next)->message;
    }
    if (next == recent.end()) position_ = std::max(position_, hub_.head_);
    return std::nullopt;
  }

  LiveHub& hub_;
  const EventFilter filter_;
  EventId position_;  // all up to here was looked at
  std::list<Follower*>::iterator place_;
  std::shared_ptr<const std::function<void()>> notify_;
  Clock::time_point spoke_ = Clock::now();
  bool greeted_ = false;
};

LiveHub::LiveHub(std::shared_ptr<Store> store, LiveHubOptions options)
    : store_(std::move(store)),
      options_(options),
      watch_(store_->watch([this] { wake(); }).value_or(nullptr)),
      thread_([this] { run(); }) {}

LiveHub::~LiveHub() {
  stop();
  thread_.join();
}

Result<std::unique_ptr<BodySource>> LiveHub::follow(ListOpts filter, std::optional<EventId> after) {
  const auto last = store_->last_id();
  if (!last) return fail(last.error());
  {
    const std::lock_guard guard(mutex_);
    if (stopping_) return fail(ErrorCode::closed, "the daemon is about to end");
    if (followers_.size() >= options_.followers_max) {
      return fail(ErrorCode::full, std::to_string(followers_.size()) +
                                       " clients follow already, as many as may; try again later");
    }
    if (followers_.empty() && *last > head_) {
      // Nobody looked since.
      recent_.clear();
      recent_bytes_ = 0;
      before_recent_ = head_ = *last;
    }
  }
  auto follower =
      std::make_unique<Follower>(*this, std::move(filter), std::min(after.value_or(*last), *last));
  wake();
  return follower;
}

void LiveHub::wake() {
  const std::lock_guard guard(mutex_);
  woken_ = true;
  changed_.notify_all();
}

void LiveHub::stop() {
  stop_.request_stop();
  const std::lock_guard guard(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

std::size_t LiveHub::followers() const {
  const std::lock_guard guard(mutex_);
  return followers_.size();
}

void LiveHub::run() {
  auto heartbeat_due = Clock::now() + options_.heartbeat;
  const auto look_interval = watch_ ? options_.watched_look_interval : options_.look_interval;
  std::unique_lock lock(mutex_);
  EventId told = head_;
  while (!stopping_) {
    if (followers_.empty()) {
      changed_.wait(lock, [&] { return stopping_ || !followers_.empty(); });
    } else {
      changed_.wait_for(lock, look_interval, [&] { return stopping_ || woken_; });
    }
    if (stopping_) break;
    woken_ = false;
    lock.unlock();
    look();
    lock.lock();
    const bool beat = Clock::now() >= heartbeat_due;
    if (beat) heartbeat_due = Clock::now() + options_.heartbeat;
    const EventId head = head_;
    if ((head != told || beat) && notify_all(lock)) told = head;
  }
  (void)notify_all(lock);
}

// Without the lock: it may be that a follower ends then and there.
bool LiveHub::notify_all(std::unique_lock<std::mutex>& lock) {
  std::vector<std::shared_ptr<const std::function<void()>>> all;
  try {
    for (const Follower* follower : followers_) {
      if (follower->notify_) all.push_back(follower->notify_);
    }
  } catch (const std::bad_alloc&) {
    return false;
  }
  lock.unlock();
  for (const auto& notify : all) (*notify)();
  lock.lock();
  return true;
}

void LiveHub::look() {
  EventId head = 0;
  {
    const std::lock_guard guard(mutex_);
    head = head_;
  }
  // What cannot be read now is read the next time.
  try {
    EventPages pages(*store_, {}, head);
    auto events = pages.next(stop_.get_token());
    if (events && !events->empty()) add_recent(std::move(*events));
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): as with an error
  }
}

void LiveHub::add_recent(std::vector<Event> events) {
  std::vector<std::shared_ptr<const LiveEvent>> fresh;
  fresh.reserve(events.size());
  for (Event& event : events) {
    std::string message = message_of(event);
    fresh.push_back(std::make_shared<const LiveEvent>(
        LiveEvent{.event = std::move(event), .message = std::move(message)}));
  }
  const std::lock_guard guard(mutex_);
  for (auto& live : fresh) {
    if (live->event.id <= head_) continue;
    const LiveEvent& newest = *live;
    recent_.push_back(std::move(live));  // first: no event is passed over that there is no room for
    head_ = newest.event.id;
    recent_bytes_ += newest.message.size();
  }
  while (recent_.size() > recent_events_max || recent_bytes_ > recent_bytes_max) {
    before_recent_ = recent_.front()->event.id;
    recent_bytes_ -= recent_.front()->message.size();
    recent_.pop_front();
  }
  woken_ = true;  // there may be more than one page
}

}  // namespace agentaudit
