// ModelStore: the contract of Store at its plainest, over a vector, to compare stores with.
#pragma once

#include <limits>
#include <vector>

#include "agentaudit/core/query.h"
#include "agentaudit/store/store.h"

namespace agentaudit {

class ModelStore {
 public:
  void insert(Event event);
  // Removes what is before the cutoff, up to and with the id. Returns how many.
  std::int64_t prune(const PruneOpts& opts, EventId last_id = std::numeric_limits<EventId>::max());
  std::int64_t prune(Timestamp cutoff, EventId last_id = std::numeric_limits<EventId>::max());
  [[nodiscard]] EventId last_id() const { return last_id_; }
  [[nodiscard]] std::int64_t events() const { return static_cast<std::int64_t>(events_.size()); }

  // `opts` without a cursor.
  [[nodiscard]] ListResult list(const ListOpts& opts) const;
  [[nodiscard]] Stats stats(const StatsOpts& opts) const;
  // With exact quantiles.
  [[nodiscard]] GroupsResult groups(const GroupsOpts& opts) const;
  // All of them, by last, newest first, then by name.
  [[nodiscard]] std::vector<Conversation> conversations(const ConversationsOpts& opts) const;
  [[nodiscard]] OpenIntentsResult open_intents(const OpenIntentsOpts& opts) const;

 private:
  std::vector<Event> events_;  // in commit order
  EventId last_id_ = 0;
};

}  // namespace agentaudit
