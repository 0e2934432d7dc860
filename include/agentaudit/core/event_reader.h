// EventReader: the questions that every store answers.
#pragma once

#include <stop_token>

#include "agentaudit/core/query.h"

namespace agentaudit {

// Safe to call from any thread. Each answer comes from one snapshot. A stop
// request ends a running call with ErrorCode::cancelled, and a store's limit of time with
// ErrorCode::deadline; neither leaves half an answer.
class EventReader {
 public:
  EventReader() = default;
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;
  virtual ~EventReader() = default;

  [[nodiscard]] virtual Result<ListResult> list(const ListOpts& opts, std::stop_token stop) = 0;
  [[nodiscard]] virtual Result<Stats> stats(const StatsOpts& opts, std::stop_token stop) = 0;
  [[nodiscard]] virtual Result<GroupsResult> groups(const GroupsOpts& opts,
                                                    std::stop_token stop) = 0;
  // Errors: not_found.
  [[nodiscard]] virtual Result<Event> get(EventId id) = 0;

  [[nodiscard]] virtual Result<ConversationsResult> conversations(const ConversationsOpts& opts,
                                                                  std::stop_token stop) = 0;
  // Intents that never ended: events with status pending and a span_id that no later
  // event with another status carries. An approval is ended by a later event of another
  // status that names it as its parent, too: what was asked for happened or was refused.
  // "Later" is by id.
  [[nodiscard]] virtual Result<OpenIntentsResult> open_intents(const OpenIntentsOpts& opts,
                                                               std::stop_token stop) = 0;

  // The same without a way to stop.
  [[nodiscard]] Result<ListResult> list(const ListOpts& opts) { return list(opts, {}); }
  [[nodiscard]] Result<Stats> stats(const StatsOpts& opts) { return stats(opts, {}); }
};

}  // namespace agentaudit
