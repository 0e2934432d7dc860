// SqliteWriter: appends batches of events to a trail.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/keyed_event.h"
#include "agentaudit/store/store.h"
#include "store/chunk_builder.h"
#include "store/gram_bitmap.h"
#include "store/new_rows.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_ledger.h"
#include "store/sqlite_names.h"
#include "store/sqlite_sealer.h"
#include "store/sqlite_session.h"

namespace agentaudit {

// Not thread-safe; belongs to one writing connection, which must outlive it. The
// caller holds the trail's lock.
class SqliteWriter {
 public:
  // `seals`: it lives long enough to seal the chunks that it completes; one that does not
  // leaves them to others. `proves`: its events become leaves of the ledger.
  [[nodiscard]] static Result<SqliteWriter> make(SqliteConnection& connection, bool seals,
                                                 bool proves);

  // Must be called when a transaction of this connection ended in the middle.
  void forget() noexcept;
  // Must be called when this connection changed `events` or `chunks` in another way.
  void forget_open_chunk() noexcept;
  void look_for_unsealed() noexcept { look_for_unsealed_ = true; }

  // Seals one chunk that others left, if one waits and the last rest was long enough: a
  // tenth of the time at most goes into it. A failure is left to the next time.
  void seal_at_leisure();

  // From now on records when this writer opened and closed the trail.
  void record_session(SqliteSession session) { session_.emplace(std::move(session)); }
  // Appends the event that closes the session, if one was opened.
  [[nodiscard]] Result<void> end_session();

  // Gives leaves to at most so many of the events that have none yet, in a transaction of
  // its own. Returns how many are left; 0 for one that writes without leaves.
  [[nodiscard]] Result<std::int64_t> hash_backlog(std::size_t events_max);

  // Appends the events in a transaction of its own, in which `beside` may write more.
  using Beside = std::function<Result<void>(IdRange)>;
  [[nodiscard]] Result<IdRange> append(std::span<const EventView> events,
                                       const Beside& beside = {});
  // Appends those whose origin is new.
  [[nodiscard]] Result<InsertedNew> append_new(std::span<const KeyedView> events);

 private:
  struct Statements {
    SqliteStatement last_event;
    SqliteStatement data_version;
  };

  SqliteWriter(SqliteConnection& connection, Statements statements, NewRows new_rows,
               NameWriter names, SqliteSealer sealer, std::optional<SqliteLedger> ledger,
               bool seals)
      : connection_(&connection),
        statements_(std::move(statements)),
        new_rows_(std::move(new_rows)),
        names_(std::move(names)),
        sealer_(std::move(sealer)),
        ledger_(std::move(ledger)),
        seals_(seals) {}

  struct Last {
    EventId id = 0;
    Timestamp recorded_at;
  };

  // Of one batch.
  struct Clock {
    Timestamp now;          // when an event happened that does not say when
    Timestamp recorded_at;  // never before that of the event before
  };

  // Where there are no keys, no event has one.
  using Keys = std::span<const std::string_view>;

  // Runs the work in a transaction and forgets what it knows of the trail where that fails.
  template <typename T, typename Work>
  [[nodiscard]] Result<T> transact(const Work& work);
  [[nodiscard]] Result<IdRange> append_in_transaction(std::span<const EventView> events, Keys keys);
  // The event of that origin; 0: there is none.
  [[nodiscard]] Result<EventId> id_of_origin(std::string_view key);
  // What the trail says of itself before the events that come after `last`.
  [[nodiscard]] Result<std::vector<Event>> own_events(Last last, Timestamp now);
  // Stores events, and seals the chunks that they complete; `next_id` moves on.
  [[nodiscard]] Result<void> store(std::span<const EventView> events, Keys keys, EventId& next_id,
                                   const Clock& clock);
  // The event at the end of the trail.
  [[nodiscard]] Result<Last> last();
  // At most rows_max events of one chunk, the first of which gets the id.
  [[nodiscard]] Result<void> insert(std::span<const EventView> events, Keys keys, EventId first_id,
                                    const Clock& clock);
  [[nodiscard]] Result<void> name(const EventView& event, NewRow& row);
  [[nodiscard]] Result<std::int64_t> data_version();
  // Keeps the columns of the chunk that is being filled, so that sealing it need not read
  // it back.
  [[nodiscard]] Result<void> keep(std::span<const NewRow> rows);
  [[nodiscard]] Result<void> complete_chunk(std::int64_t chunk);
  [[nodiscard]] Result<void> seal_oldest();

  // The chunk at the end, as far as this writer knows it whole: from its first id on,
  // while no other connection changed the trail.
  struct OpenChunk {
    EventId next_id = 0;  // 0: not known
    std::int64_t data_version = 0;
    ChunkBuilder columns;
    GramBuilder grams;
  };

  SqliteConnection* connection_;
  Statements statements_;
  NewRows new_rows_;
  std::optional<SqliteStatement> select_origin_;  // prepared when it is first asked
  NameWriter names_;
  SqliteSealer sealer_;
  std::optional<SqliteLedger> ledger_;    // none: it writes without leaves
  std::optional<SqliteSession> session_;  // none: it does not record its own beginning and end
  bool seals_;
  bool look_for_unsealed_ = true;
  std::chrono::steady_clock::time_point next_seal_;
  OpenChunk open_chunk_;
  std::vector<NewRow> rows_;
  std::vector<char> nonces_;
};

}  // namespace agentaudit
