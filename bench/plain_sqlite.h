// The floors in SQLite: bare prepared statements over the C interface, with nothing
// around them that a program could leave out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include "agentaudit/core/event.h"

namespace agentaudit::bench {

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

[[nodiscard]] Connection open_plain(const std::filesystem::path& path);
// Of a file that is there, and stays as it is.
[[nodiscard]] Connection open_plain_to_read(const std::filesystem::path& path);
void execute(sqlite3* connection, std::string_view sql);
[[nodiscard]] Statement prepare(sqlite3* connection, std::string_view sql);

// Inserts the events into a new file as rows of the trail's `events` table
// (docs/sqlite_schema.md), one transaction a batch: the same columns, page size, journal
// and durability as the store. Returns the seconds of the inserts; what the rows hold is
// computed before them, batch by batch, so that it lies in the caches as for the store.
[[nodiscard]] double bare_insert_seconds(const std::filesystem::path& path,
                                         std::span<const Event> events, std::size_t batch_events);

// The original's schema: one row an event with its names and times as text, ids by
// AUTOINCREMENT, four indexes; journal and durability as the store's.
[[nodiscard]] double original_insert_seconds(const std::filesystem::path& path,
                                             std::span<const EventView> events,
                                             std::size_t batch_events);

}  // namespace agentaudit::bench
