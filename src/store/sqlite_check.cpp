#include "store/sqlite_check.h"

#include <sqlite3.h>

#include "store/chunk_map.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

// The first chunk whose row disagrees with its events.
constexpr std::string_view wrong_chunk_sql =
    "SELECT c.chunk FROM chunks c WHERE c.events <> (SELECT count(*) FROM events"
    " WHERE id BETWEEN c.chunk * ?1 + 1 AND (c.chunk + 1) * ?1"
    " AND timestamp BETWEEN c.min_timestamp AND c.max_timestamp)"
    " OR c.events <> (SELECT count(*) FROM events"
    " WHERE id BETWEEN c.chunk * ?1 + 1 AND (c.chunk + 1) * ?1) LIMIT 1";

// Events in a chunk whose row is missing would not be found.
Result<void> check_total(SqliteConnection& connection) {
  const auto rows = connection.integer("SELECT count(*) FROM events");
  if (!rows) return fail(rows.error());
  const auto chunks = read_chunk_map(connection);
  if (!chunks) return fail(chunks.error());
  std::int64_t known = 0;
  for (const Chunk& chunk : *chunks) known += chunk.events;
  if (known == *rows) return {};
  return fail(ErrorCode::corrupt, "the chunks know of " + std::to_string(known) + " events of " +
                                      std::to_string(*rows));
}

}  // namespace

Result<SqliteStoreInfo> sqlite_info(SqliteConnection& connection) {
  SqliteStoreInfo info;
  info.sqlite_version = sqlite3_libversion();
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  const std::pair<std::string*, std::string_view> texts[] = {
      {&info.journal_mode, "PRAGMA journal_mode"},
      {&info.trail_id, "SELECT value FROM trail WHERE key = 'trail_id'"}};
  for (const auto& [out, sql] : texts) {
    auto value = connection.text(sql);
    if (!value) return fail(value.error());
    *out = std::move(*value);
  }
  std::int64_t created_ns = 0;
  std::int64_t schema_version = 0;
  const std::pair<std::int64_t*, std::string_view> integers[] = {
      {&created_ns, "SELECT value FROM trail WHERE key = 'created'"},
      {&schema_version, "PRAGMA user_version"},
      {&info.page_bytes, "PRAGMA page_size"},
      {&info.pages, "PRAGMA page_count"},
      {&info.free_pages, "PRAGMA freelist_count"},
      {&info.first_id, "SELECT coalesce(min(id), 0) FROM events"},
      {&info.last_id, "SELECT coalesce(max(id), 0) FROM events"}};
  for (const auto& [out, sql] : integers) {
    const auto value = connection.integer(sql);
    if (!value) return fail(value.error());
    *out = *value;
  }
  const auto chunks = read_chunk_map(connection);
  if (!chunks) return fail(chunks.error());
  for (const Chunk& chunk : *chunks) info.events += chunk.events;
  info.created = Timestamp::from_ns(created_ns);
  info.schema_version = static_cast<int>(schema_version);
  return info;
}

Result<void> sqlite_check(SqliteConnection& connection) {
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  const auto verdict = connection.text("PRAGMA quick_check(1)");
  if (!verdict) return fail(verdict.error());
  if (*verdict != "ok") {
    return fail(ErrorCode::corrupt, "SQLite's quick_check says: " + *verdict);
  }
  auto wrong_chunk = connection.prepare(wrong_chunk_sql);
  if (!wrong_chunk) return fail(wrong_chunk.error());
  wrong_chunk->bind(1, sqlite_schema::chunk_events);
  const auto row = wrong_chunk->step();
  if (!row) return fail(row.error());
  if (*row) {
    return fail(ErrorCode::corrupt, "chunk " + std::to_string(wrong_chunk->integer(0)) +
                                        " does not agree with its events");
  }
  return check_total(connection);
}

}  // namespace agentaudit
