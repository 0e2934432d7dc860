#include "server/fleet_stores.h"

namespace agentaudit {

Result<std::shared_ptr<Store>> FleetStores::of(const std::vector<std::string>& trails) {
  if (trails.empty()) return all_;
  const std::lock_guard guard(mutex_);
  if (const auto known = kept_.find(trails); known != kept_.end()) return known->second;
  auto made = all_->of_trails(trails);
  if (!made) return made;
  if (kept_.size() >= kept_max) kept_.clear();
  kept_.emplace(trails, *made);
  return made;
}

}  // namespace agentaudit
