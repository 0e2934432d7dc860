// PruneScope: which events a prune deletes, as SQL over the rows of `events`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentaudit/store/sqlite_store.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_filter.h"

namespace agentaudit {

// Holds and names are those of the transaction that it is read in. Borrows the connection.
class PruneScope {
 public:
  [[nodiscard]] static Result<PruneScope> read(SqliteConnection& connection, const PruneOpts& opts);

  // The ids from `first` to `last` of what goes, in order.
  [[nodiscard]] Result<std::vector<EventId>> ids(EventId first, EventId last) const;
  // How many there would go, but are under a hold.
  [[nodiscard]] Result<std::int64_t> held(EventId first, EventId last) const;

 private:
  PruneScope(SqliteConnection& connection, Timestamp cutoff, SqliteFilter filter,
             std::string old_sql, std::string held_sql)
      : connection_(&connection),
        cutoff_(cutoff),
        filter_(std::move(filter)),
        old_sql_(std::move(old_sql)),
        held_sql_(std::move(held_sql)) {}

  [[nodiscard]] Result<SqliteStatement> prepare(const std::string& sql, EventId first,
                                                EventId last) const;

  SqliteConnection* connection_;
  Timestamp cutoff_;
  SqliteFilter filter_;
  std::string old_sql_;   // after the column
  std::string held_sql_;  // "0": there is no hold
};

// See SqliteStore::preview_prune.
[[nodiscard]] Result<PruneCounts> sqlite_preview_prune(SqliteConnection& connection,
                                                       const PruneOpts& opts);

}  // namespace agentaudit
