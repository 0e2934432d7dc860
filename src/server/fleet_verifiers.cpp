#include "server/fleet_verifiers.h"

#include <algorithm>
#include <utility>

namespace agentaudit {

Result<std::string> FleetVerifiers::answer(std::shared_ptr<Store> store, bool fresh) {
  const auto trail = store->trail_id();
  if (!trail) return fail(trail.error());
  const std::lock_guard lock(mutex_);
  const auto known = verifiers_.find(*trail);
  const bool starts = known == verifiers_.end() || (fresh && !known->second->is_running());
  if (starts && is_full()) {
    return fail(ErrorCode::busy, std::to_string(running_max) +
                                     " trails are being verified; ask again when one is done");
  }
  if (known != verifiers_.end()) return known->second->answer(fresh);
  if (verifiers_.size() == kept_max) forget_one();
  auto verifier = std::make_unique<Verifier>(std::move(store), options_);
  if (stopped_) verifier->stop();
  return verifiers_.emplace(*trail, std::move(verifier)).first->second->answer(fresh);
}

bool FleetVerifiers::is_full() const {
  const auto running =
      std::ranges::count_if(verifiers_, [](const auto& one) { return one.second->is_running(); });
  return static_cast<std::size_t>(running) >= running_max;
}

// One that has its verdict; fewer run than are kept.
void FleetVerifiers::forget_one() {
  const auto done =
      std::ranges::find_if(verifiers_, [](const auto& one) { return !one.second->is_running(); });
  verifiers_.erase(done);
}

void FleetVerifiers::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& [trail, verifier] : verifiers_) verifier->stop();
}

}  // namespace agentaudit
