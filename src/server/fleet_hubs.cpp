#include "server/fleet_hubs.h"

#include <algorithm>
#include <utility>

namespace agentaudit {

FleetHubs::FleetHubs(LiveHubOptions options) : options_(options) {
  options_.look_interval = options_.watched_look_interval;
}

// Whoever is about to follow a hub keeps it from being forgotten.
class FleetHubs::Asking {
 public:
  Asking(FleetHubs& hubs, Hub& hub) : hubs_(hubs), hub_(hub) {}
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() {
    const std::lock_guard guard(hubs_.mutex_);
    --hub_.asked;
  }

 private:
  FleetHubs& hubs_;
  Hub& hub_;
};

Result<std::unique_ptr<BodySource>> FleetHubs::follow(const std::shared_ptr<Store>& store,
                                                      ListOpts filter,
                                                      std::optional<EventId> after) {
  const auto trail = store->trail_id();
  if (!trail) return fail(trail.error());
  const auto hub = hub_of(*trail, store);
  if (!hub) return fail(hub.error());
  const Asking asking(*this, **hub);
  return (*hub)->live->follow(std::move(filter), after);
}

Result<FleetHubs::Hub*> FleetHubs::hub_of(const std::string& trail,
                                          const std::shared_ptr<Store>& store) {
  const std::lock_guard guard(mutex_);
  if (stopped_) return fail(ErrorCode::closed, "the daemon is about to end");
  const std::size_t all = count_followers();
  if (all >= options_.followers_max) {
    return fail(ErrorCode::full,
                std::to_string(all) + " clients follow already, as many as may; try again later");
  }
  auto known = hubs_.find(trail);
  if (known == hubs_.end()) {
    if (hubs_.size() == hubs_max) forget_one();
    if (hubs_.size() == hubs_max) {
      return fail(ErrorCode::full, std::to_string(hubs_max) +
                                       " trails are followed, as many as may; try again later");
    }
    auto live = std::make_unique<LiveHub>(store, options_);
    known = hubs_.emplace(trail, Hub{.live = std::move(live)}).first;
  }
  ++known->second.asked;
  return &known->second;
}

// One that nobody follows, or is about to.
void FleetHubs::forget_one() {
  const auto idle = std::ranges::find_if(hubs_, [](const auto& trail) {
    return trail.second.asked == 0 && trail.second.live->followers() == 0;
  });
  if (idle != hubs_.end()) hubs_.erase(idle);
}

void FleetHubs::stop() {
  const std::lock_guard guard(mutex_);
  stopped_ = true;
  for (const auto& [trail, hub] : hubs_) hub.live->stop();
}

std::size_t FleetHubs::followers() const {
  const std::lock_guard guard(mutex_);
  return count_followers();
}

std::size_t FleetHubs::count_followers() const {
  std::size_t count = 0;
  for (const auto& [trail, hub] : hubs_) count += hub.live->followers() + hub.asked;
  return count;
}

}  // namespace agentaudit
