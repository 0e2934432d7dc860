// FleetHubs: of a fleet, a LiveHub for each trail that somebody follows.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agentaudit/store/store.h"
#include "server/live_hub.h"

namespace agentaudit {

// Thread-safe.
class FleetHubs {
 public:
  // Each has a thread, and asks the fleet's server each second while its trail is followed.
  static constexpr std::size_t hubs_max = 32;

  // `followers_max` is that of all of them together.
  explicit FleetHubs(LiveHubOptions options);

  // As LiveHub::follow, of the store's one trail. This must outlive what it returns. Errors
  // besides: full (hubs_max trails are followed), unsupported (the store has several trails).
  [[nodiscard]] Result<std::unique_ptr<BodySource>> follow(const std::shared_ptr<Store>& store,
                                                           ListOpts filter,
                                                           std::optional<EventId> after);
  // Ends all followers.
  void stop();
  [[nodiscard]] std::size_t followers() const;

 private:
  struct Hub {
    std::unique_ptr<LiveHub> live;
    std::size_t asked = 0;  // who is about to follow it
  };
  class Asking;

  // The trail's hub, for one who is about to follow it. Errors: closed, full.
  [[nodiscard]] Result<Hub*> hub_of(const std::string& trail, const std::shared_ptr<Store>& store);
  void forget_one();
  [[nodiscard]] std::size_t count_followers() const;

  LiveHubOptions options_;
  mutable std::mutex mutex_;  // not held while the server is asked for a trail's end
  // Guarded by mutex_.
  std::map<std::string, Hub> hubs_;
  bool stopped_ = false;
};

}  // namespace agentaudit
