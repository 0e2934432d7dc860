// The statements that answer a PostgresStore's questions.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "agentaudit/core/query.h"
#include "store/postgres_connection.h"
#include "store/postgres_counts.h"
#include "store/sql_where.h"

namespace agentaudit {

// One question, in one thread, inside of a transaction that keeps its snapshot. Options are
// validated. The connection must outlive it. Errors: those of PostgresConnection, and what
// each question of EventReader says.
class PostgresQuestion {
 public:
  explicit PostgresQuestion(PostgresConnection& connection) : connection_(connection) {}

  [[nodiscard]] Result<ListResult> list(const ListOpts& opts);
  [[nodiscard]] Result<Stats> stats(const StatsOpts& opts);
  [[nodiscard]] Result<GroupsResult> groups(const GroupsOpts& opts);
  [[nodiscard]] Result<Event> get(EventId id);
  [[nodiscard]] Result<ConversationsResult> conversations(const ConversationsOpts& opts);
  [[nodiscard]] Result<OpenIntentsResult> open_intents(const OpenIntentsOpts& opts);

 private:
  [[nodiscard]] Result<void> count(const ListOpts& opts, const std::string& where,
                                   ListResult& result);
  [[nodiscard]] Result<void> read_ends(PostgresRows::Row& row, const postgres_counts::Where& where,
                                       Stats& stats);
  [[nodiscard]] Result<void> add_histogram(const StatsOpts& opts,
                                           const postgres_counts::Where& where, Stats& stats);
  // Of a search that SQL cannot express: events of the pages of the question without it.
  [[nodiscard]] Result<ListResult> list_by_looking(const ListOpts& opts);

  PostgresConnection& connection_;
};

}  // namespace agentaudit
