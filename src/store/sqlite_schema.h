// The schema of a SQLite trail and its versions. docs/sqlite_schema.md describes it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "store/sqlite_connection.h"

namespace agentaudit::sqlite_schema {

inline constexpr std::int64_t application_id = 0x41417564;  // "AAud"
inline constexpr int version = 5;

// Frozen: they are in the file.
enum class NameKind : std::uint8_t {
  category = 1,
  action = 2,
  agent = 3,
  status = 4,
  source = 5,
  target = 6,
  principal = 7,
  conversation = 8,
};
inline constexpr std::size_t name_kinds = 8;

inline constexpr std::int64_t chunk_events = 16'128;

[[nodiscard]] constexpr std::int64_t chunk_of(EventId id) { return (id - 1) / chunk_events; }
[[nodiscard]] constexpr EventId first_id_of(std::int64_t chunk) { return chunk * chunk_events + 1; }
[[nodiscard]] constexpr EventId last_id_of(std::int64_t chunk) {
  return (chunk + 1) * chunk_events;
}

// How many transactions changed what was recorded or sealed before: deletions, and chunks
// sealed anew. What a reader keeps of sealed chunks and of rows holds as long as it is the
// same. nullopt: a trail from before version 3 does not count them.
[[nodiscard]] Result<std::optional<std::int64_t>> rewrites(SqliteConnection& connection);
// Every such transaction must do this.
[[nodiscard]] Result<void> count_rewrite(SqliteConnection& connection);

[[nodiscard]] Result<std::string> trail_id(SqliteConnection& connection);
// A trail of an older version, which may be read as it is, lacks some.
[[nodiscard]] Result<bool> has_table(SqliteConnection& connection, std::string_view name);

// One step from the version before to `to_version`.
struct Migration {
  int to_version;
  std::string_view sql;
};

// What every connection to a trail is set to.
[[nodiscard]] Result<void> configure_writer(SqliteConnection& connection, int wal_pages,
                                            bool one_shot);
[[nodiscard]] Result<void> configure_reader(SqliteConnection& connection);

// Makes an empty database a trail, in one transaction.
[[nodiscard]] Result<void> create(SqliteConnection& connection);

// Turns the write-ahead log on; it stays on. Errors: unsupported (the file system has no
// shared memory), and what SQLite says.
[[nodiscard]] Result<void> turn_log_on(SqliteConnection& connection, std::string_view name);

// Whether a file is a trail of a version that this program may know, by its first bytes
// (SqliteConnection::header). The log may hold a newer version, never another identity.
// Errors: not_a_trail, newer_version.
[[nodiscard]] Result<void> check_header(std::string_view header, std::string_view name);

// The version of the database, if it is a trail and this program knows it. Errors:
// not_a_trail, newer_version.
[[nodiscard]] Result<int> check_version(SqliteConnection& connection, std::string_view name);

// Applies the migrations that come after the database's version, each in one
// transaction with the new version number.
[[nodiscard]] Result<void> migrate(SqliteConnection& connection,
                                   std::span<const Migration> migrations);

// All migrations from an empty database on, in order.
[[nodiscard]] std::span<const Migration> migrations();

}  // namespace agentaudit::sqlite_schema
