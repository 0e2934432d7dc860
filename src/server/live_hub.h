// LiveHub: new events to all who follow, as server-sent events (the HTML standard, 9.2).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "agentaudit/store/store.h"
#include "server/http_message.h"

namespace agentaudit {

struct LiveHubOptions {
  std::size_t followers_max = 256;
  // How often the trail is looked at while somebody follows: other processes write to it.
  std::chrono::milliseconds look_interval{20};
  // The same of a store that tells what is stored.
  std::chrono::milliseconds watched_look_interval{1'000};
  // Followers hear of nothing for no longer than this.
  std::chrono::milliseconds heartbeat{15'000};
};

// One thread reads what is new and renders it once for all. Thread-safe.
class LiveHub {
 public:
  LiveHub(std::shared_ptr<Store> store, LiveHubOptions options);
  ~LiveHub();
  LiveHub(const LiveHub&) = delete;
  LiveHub& operator=(const LiveHub&) = delete;

  // Follows the events that match, from those after `after` on, or from now on. `filter` is
  // validated. The hub must outlive what it returns. Errors: full (followers_max), and those
  // of reading.
  [[nodiscard]] Result<std::unique_ptr<BodySource>> follow(ListOpts filter,
                                                           std::optional<EventId> after);
  // Something was committed by this process.
  void wake();
  // Ends all followers.
  void stop();
  [[nodiscard]] std::size_t followers() const;

 private:
  class Follower;

  struct LiveEvent {
    Event event;
    std::string message;
  };
  // What followers that keep up are served from; older events they read themselves.
  static constexpr std::size_t recent_events_max = 4'096;
  static constexpr std::size_t recent_bytes_max = 16U << 20U;

  void run();
  // False: there is no memory for it now.
  [[nodiscard]] bool notify_all(std::unique_lock<std::mutex>& lock);
  // Reads what is new. Without the lock: the trail may be slow.
  void look();
  void add_recent(std::vector<Event> events);

  const std::shared_ptr<Store> store_;
  const LiveHubOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::list<Follower*> followers_;
  std::deque<std::shared_ptr<const LiveEvent>> recent_;
  std::size_t recent_bytes_ = 0;
  EventId before_recent_ = 0;  // every event after it, up to head_, is in recent_
  EventId head_ = 0;
  bool woken_ = false;
  bool stopping_ = false;
  std::stop_source stop_;  // breaks off what the thread asks

  const std::unique_ptr<StoreWatch> watch_;  // none: the store has to be looked at
  std::thread thread_;
};

}  // namespace agentaudit
