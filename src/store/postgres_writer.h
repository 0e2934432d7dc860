// PostgresWriter: appends batches of events to a trail in PostgreSQL.
#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/keyed_event.h"
#include "agentaudit/store/store.h"
#include "ledger/hash.h"
#include "store/postgres_connection.h"
#include "store/postgres_counts.h"
#include "store/postgres_ledger.h"
#include "store/postgres_schema.h"

namespace agentaudit {

// Not thread-safe. The connection is its own. Whoever calls `lock` or an append ends the
// transaction that it leaves open: by `commit`, or by `rollback` where any of it failed.
class PostgresWriter {
 public:
  explicit PostgresWriter(std::unique_ptr<PostgresConnection> connection)
      : connection_(std::move(connection)) {}

  [[nodiscard]] PostgresConnection& connection() { return *connection_; }

  [[nodiscard]] Result<IdRange> append(std::span<const EventView> events);
  // Those whose origin is new.
  [[nodiscard]] Result<InsertedNew> append_new(std::span<const KeyedView> events);
  // Begins a transaction without the trail's lock, for what no event depends on.
  [[nodiscard]] Result<void> begin();
  // Begins a transaction that has the trail's lock: nobody appends or deletes meanwhile.
  [[nodiscard]] Result<void> lock();
  // Origin keys; where there are none, no event has one.
  using Keys = std::span<const std::string_view>;
  // The same as append, in a transaction that `lock` began.
  [[nodiscard]] Result<IdRange> append_in_lock(std::span<const EventView> events, Keys keys);

  // Must be called when a month's partition was dropped.
  void forget_months() noexcept { months_.clear(); }

  [[nodiscard]] Result<void> commit();
  void rollback();

  // What a transaction leaves that no other can: its first event, of which 32 bytes are random.
  // PostgreSQL's own id of it is of no use: one that died with a server is given again.
  struct Mark {
    EventId id = 0;  // 0: it stored no event
    Hash leaf{};
    std::string nonce;
  };
  // Of the transaction that `commit` ends.
  [[nodiscard]] const Mark& mark() const noexcept { return mark_; }
  // Whether the transaction with that mark was committed, also on the standbys that a commit
  // waits for. While it is still open: busy, after the time limit of a lock.
  [[nodiscard]] Result<bool> is_committed(const Mark& mark);

 private:
  struct Trail {
    EventId last_id = 0;
    Timestamp last_recorded_at{};
    std::int64_t clock_behind = 0;
  };
  [[nodiscard]] Result<void> note_clock(Timestamp now);
  [[nodiscard]] Result<void> store(std::span<const EventView> events, Timestamp now);
  [[nodiscard]] Result<bool> ensure_month(const postgres_schema::Month& month);
  [[nodiscard]] Result<void> add_months(std::span<const EventView> events, Timestamp now);
  void add_origins(Keys keys, EventId first_id);

  std::unique_ptr<PostgresConnection> connection_;
  PostgresLedger ledger_;
  // By their first nanosecond: when to look next whether a month has a partition.
  std::map<std::int64_t, std::chrono::steady_clock::time_point> months_;
  // Of the open transaction:
  Mark mark_;
  Trail trail_;
  PostgresAddedCounts counts_;
  std::string sql_;  // statements that go before its end
};

}  // namespace agentaudit
