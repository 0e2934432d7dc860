// FleetStores: of a fleet's store, those of the trails that requests ask about.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agentaudit/store/store.h"

namespace agentaudit {

// Thread-safe.
class FleetStores {
 public:
  // Of so many choices of trails the stores are kept for the next request.
  static constexpr std::size_t kept_max = 256;

  explicit FleetStores(std::shared_ptr<Store> all) : all_(std::move(all)) {}

  // No trails: the whole store. Errors: those of Store::of_trails.
  [[nodiscard]] Result<std::shared_ptr<Store>> of(const std::vector<std::string>& trails);

 private:
  const std::shared_ptr<Store> all_;
  std::mutex mutex_;
  std::map<std::vector<std::string>, std::shared_ptr<Store>> kept_;
};

}  // namespace agentaudit
