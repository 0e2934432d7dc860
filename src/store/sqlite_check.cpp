#include "store/sqlite_check.h"

#include <sqlite3.h>

#include "store/chunk_map.h"
#include "store/sqlite_chunk_check.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

// Events in a chunk whose row is missing would not be found.
Result<void> check_total(SqliteConnection& connection) {
  const auto rows = connection.integer("SELECT count(*) FROM events");
  if (!rows) return fail(rows.error());
  const auto chunks = read_chunks_and_tail(connection);
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
  const auto chunks = read_chunks_and_tail(connection);
  if (!chunks) return fail(chunks.error());
  for (const Chunk& chunk : *chunks) info.events += chunk.events;
  info.created = Timestamp::from_ns(created_ns);
  info.schema_version = static_cast<int>(schema_version);
  return info;
}

Result<void> sqlite_check(SqliteReader& reader) {
  SqliteConnection& connection = reader.connection();
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  const auto verdict = connection.text("PRAGMA quick_check(1)");
  if (!verdict) return fail(verdict.error());
  if (*verdict != "ok") {
    return fail(ErrorCode::corrupt, "SQLite's quick_check says: " + *verdict);
  }
  const auto first_id = connection.integer("SELECT coalesce(min(id), 1) FROM events");
  if (!first_id) return fail(first_id.error());
  const auto last_id = connection.integer("SELECT coalesce(max(id), 0) FROM events");
  if (!last_id) return fail(last_id.error());
  for (std::int64_t chunk = sqlite_schema::chunk_of(*first_id);
       sqlite_schema::last_id_of(chunk) <= *last_id; ++chunk) {
    if (auto checked = check_chunk(reader, chunk); !checked) return checked;
  }
  return check_total(connection);
}

}  // namespace agentaudit
