#include "store/new_events.h"

#include <unordered_map>
#include <utility>

namespace agentaudit {

Result<NewEvents> NewEvents::find(std::span<const KeyedView> batch, const IdOfOrigin& id_of) {
  NewEvents found;
  found.ids_.resize(batch.size());
  found.places_.resize(batch.size());
  std::unordered_map<std::string_view, std::size_t> places;  // by key, of those in the batch
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::string_view key = batch[i].origin_key;
    found.places_[i] = found.events_.size();
    if (!key.empty()) {
      if (const auto earlier = places.find(key); earlier != places.end()) {
        found.places_[i] = earlier->second;
        continue;
      }
      const auto known = id_of(key);
      if (!known) return fail(known.error());
      found.ids_[i] = *known;
      if (*known != 0) continue;
      places.emplace(key, found.events_.size());
    }
    found.events_.push_back(batch[i].event);
    found.keys_.push_back(key);
  }
  return found;
}

InsertedNew NewEvents::inserted(IdRange ids) && {
  InsertedNew inserted{.ids = std::move(ids_), .stored = static_cast<std::int64_t>(events_.size())};
  for (std::size_t i = 0; i < inserted.ids.size(); ++i) {
    EventId& id = inserted.ids[i];
    if (id == 0) id = ids.first + static_cast<EventId>(places_[i]);
  }
  return inserted;
}

}  // namespace agentaudit
