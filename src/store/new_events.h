// NewEvents: those of a batch whose origin is not in the trail yet.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "agentaudit/core/keyed_event.h"
#include "agentaudit/store/store.h"

namespace agentaudit {

// Borrows what the batch points to. Not thread-safe.
class NewEvents {
 public:
  // The event of that origin; 0: there is none.
  using IdOfOrigin = std::function<Result<EventId>(std::string_view key)>;
  // Errors: those of `id_of`.
  [[nodiscard]] static Result<NewEvents> find(std::span<const KeyedView> batch,
                                              const IdOfOrigin& id_of);

  [[nodiscard]] std::span<const EventView> events() const noexcept { return events_; }
  [[nodiscard]] std::span<const std::string_view> keys() const noexcept { return keys_; }
  // What became of the batch when the new ones got these ids.
  [[nodiscard]] InsertedNew inserted(IdRange ids) &&;

 private:
  std::vector<EventView> events_;
  std::vector<std::string_view> keys_;
  std::vector<EventId> ids_;         // of each of the batch; 0: it is new
  std::vector<std::size_t> places_;  // where in events_ each of those stands
};

}  // namespace agentaudit
