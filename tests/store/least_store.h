// A store with no more than every store must have, which answers nothing.
#pragma once

#include "agentaudit/store/store.h"

namespace agentaudit {

class LeastStore : public Store {
 public:
  Result<IdRange> insert_batch(std::span<const EventView> /*events*/) override { return nothing(); }
  Result<std::int64_t> prune_before(const PruneOpts& /*opts*/, std::stop_token /*stop*/) override {
    return nothing();
  }
  Result<EventId> last_id() override { return nothing(); }
  Result<void> close() override { return nothing(); }
  Result<ListResult> list(const ListOpts& /*opts*/, std::stop_token /*stop*/) override {
    return nothing();
  }
  Result<Stats> stats(const StatsOpts& /*opts*/, std::stop_token /*stop*/) override {
    return nothing();
  }
  Result<GroupsResult> groups(const GroupsOpts& /*opts*/, std::stop_token /*stop*/) override {
    return nothing();
  }
  Result<Event> get(EventId /*id*/) override { return nothing(); }
  Result<ConversationsResult> conversations(const ConversationsOpts& /*opts*/,
                                            std::stop_token /*stop*/) override {
    return nothing();
  }
  Result<OpenIntentsResult> open_intents(const OpenIntentsOpts& /*opts*/,
                                         std::stop_token /*stop*/) override {
    return nothing();
  }

 private:
  static tl::unexpected<Error> nothing() { return fail(ErrorCode::io, "nothing is here"); }
};

}  // namespace agentaudit
