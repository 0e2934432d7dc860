// SqliteWriter: appends batches of events to a trail.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "agentaudit/core/event.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_names.h"

namespace agentaudit {

// Not thread-safe; belongs to one writing connection, which must outlive it. The
// caller holds the trail's lock.
class SqliteWriter {
 public:
  [[nodiscard]] static Result<SqliteWriter> make(SqliteConnection& connection);

  // Must be called when this connection changed `events` in another way.
  void forget_open_chunk() noexcept { open_chunk_ = {}; }

  // Appends the events in a transaction of its own.
  [[nodiscard]] Result<IdRange> append(std::span<const EventView> events);

 private:
  struct Statements {
    SqliteStatement last_event;
    SqliteStatement insert_event;
    SqliteStatement data_version;
    SqliteStatement insert_chunk;
    SqliteStatement insert_known_chunk;
  };

  SqliteWriter(SqliteConnection& connection, Statements statements, NameWriter names)
      : connection_(&connection), statements_(std::move(statements)), names_(std::move(names)) {}

  [[nodiscard]] Result<IdRange> append_in_transaction(std::span<const EventView> events);
  [[nodiscard]] Result<void> insert(const EventView& event, EventId id, Timestamp recorded_at,
                                    std::string_view nonce);
  [[nodiscard]] Result<std::int64_t> data_version();
  // Keeps the bounds of the chunk that is being filled, so that completing it need not
  // read it back.
  [[nodiscard]] Result<void> note(EventId id, Timestamp timestamp);
  [[nodiscard]] Result<void> complete_chunk(std::int64_t chunk);

  // The chunk at the end, as far as this writer knows it whole: from its first id on,
  // while no other connection changed the trail.
  struct OpenChunk {
    EventId next_id = 0;  // 0: not known
    std::int64_t data_version = 0;
    Timestamp min_timestamp;
    Timestamp max_timestamp;
  };

  SqliteConnection* connection_;
  Statements statements_;
  OpenChunk open_chunk_;
  NameWriter names_;
  std::vector<char> nonces_;
  std::array<std::string, 3> id_buffers_;
};

}  // namespace agentaudit
