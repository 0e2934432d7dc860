#include "server/fleet_hubs.h"

#include <algorithm>
#include <utility>

namespace agentaudit {

FleetHubs::FleetHubs(LiveHubOptions options) : options_(options) {
  options_.look_interval = options_.watched_look_interval;
}

Result<std::unique_ptr<BodySource>> FleetHubs::follow(const std::shared_ptr<Store>& store,
                                                      ListOpts filter,
                                                      std::optional<EventId> after) {
  const auto trail = store->trail_id();
  if (!trail) return fail(trail.error());
  const std::lock_guard guard(mutex_);
  if (stopped_) return fail(ErrorCode::closed, "the daemon is about to end");
  const std::size_t all = count_followers();
  if (all >= options_.followers_max) {
    return fail(ErrorCode::full,
                std::to_string(all) + " clients follow already, as many as may; try again later");
  }
  auto hub = hubs_.find(*trail);
  if (hub == hubs_.end()) {
    if (hubs_.size() == hubs_max) forget_one();
    if (hubs_.size() == hubs_max) {
      return fail(ErrorCode::full, std::to_string(hubs_max) +
                                       " trails are followed, as many as may; try again later");
    }
    hub = hubs_.emplace(*trail, std::make_unique<LiveHub>(store, options_)).first;
  }
  return hub->second->follow(std::move(filter), after);
}

// One that nobody follows. None can begin to: they all come by here.
void FleetHubs::forget_one() {
  const auto idle =
      std::ranges::find_if(hubs_, [](const auto& trail) { return trail.second->followers() == 0; });
  if (idle != hubs_.end()) hubs_.erase(idle);
}

void FleetHubs::stop() {
  const std::lock_guard guard(mutex_);
  stopped_ = true;
  for (const auto& [trail, hub] : hubs_) hub->stop();
}

std::size_t FleetHubs::followers() const {
  const std::lock_guard guard(mutex_);
  return count_followers();
}

std::size_t FleetHubs::count_followers() const {
  std::size_t count = 0;
  for (const auto& [trail, hub] : hubs_) count += hub->followers();
  return count;
}

}  // namespace agentaudit
