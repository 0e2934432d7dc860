#include "store/chunk_map.h"

#include <limits>
#include <string>

#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

constexpr std::string_view chunks_sql =
    "SELECT chunk, events, min_timestamp, max_timestamp, bounds, deleted IS NOT NULL"
    " FROM chunks WHERE chunk BETWEEN ?1 AND ?2 ORDER BY chunk";
// Of a trail of version 1, which a reader may not change.
constexpr std::string_view unsealed_chunks_sql =
    "SELECT chunk, events, min_timestamp, max_timestamp, NULL, 0"
    " FROM chunks WHERE chunk BETWEEN ?1 AND ?2 ORDER BY chunk";
constexpr std::string_view tail_sql =
    "SELECT min(id), max(id), count(*), min(timestamp), max(timestamp)"
    " FROM events WHERE id > ?1";

// Beyond it ids would not fit.
constexpr std::int64_t chunk_max =
    std::numeric_limits<EventId>::max() / sqlite_schema::chunk_events - 1;

}  // namespace

Result<ChunkMap> read_chunk_map(SqliteConnection& connection) {
  ChunkMap map;
  auto read = extend_chunk_map(connection, map, std::numeric_limits<std::int64_t>::min());
  if (!read) return fail(read.error());
  return map;
}

Result<void> extend_chunk_map(SqliteConnection& connection, ChunkMap& map, std::int64_t first,
                              std::int64_t last) {
  const auto version = connection.integer("PRAGMA user_version");
  if (!version) return fail(version.error());
  auto statement = connection.prepare(*version == 1 ? unsealed_chunks_sql : chunks_sql);
  if (!statement) return fail(statement.error());
  statement->bind(1, first);
  statement->bind(2, last);
  while (true) {
    const auto row = statement->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    const std::int64_t chunk = statement->integer(0);
    if (chunk < 0 || chunk > chunk_max) {
      return fail(ErrorCode::corrupt,
                  "the trail has a row for chunk " + std::to_string(chunk) + ", which cannot be");
    }
    map.covered = sqlite_schema::last_id_of(chunk);
    if (statement->integer(1) == 0) continue;
    Chunk& read =
        map.chunks.emplace_back(Chunk{.first_id = sqlite_schema::first_id_of(chunk),
                                      .last_id = map.covered,
                                      .events = statement->integer(1),
                                      .min_timestamp = Timestamp::from_ns(statement->integer(2)),
                                      .max_timestamp = Timestamp::from_ns(statement->integer(3)),
                                      .has_deletions = statement->integer(5) != 0});
    if (statement->is_null(4)) continue;
    const auto bounds = decode_bounds(statement->bytes(4));
    if (!bounds) {
      return fail(ErrorCode::corrupt,
                  "chunk " + std::to_string(chunk) + " has " + bounds.error().message);
    }
    read.bounds = *bounds;
  }
}

Result<std::vector<Chunk>> read_chunks_and_tail(SqliteConnection& connection) {
  auto map = read_chunk_map(connection);
  if (!map) return fail(map.error());
  auto tail = connection.prepare(tail_sql);
  if (!tail) return fail(tail.error());
  tail->bind(1, map->covered);
  const auto row = tail->step();
  if (!row) return fail(row.error());
  if (*row && tail->integer(2) > 0) {
    map->chunks.push_back({.first_id = tail->integer(0),
                           .last_id = tail->integer(1),
                           .events = tail->integer(2),
                           .min_timestamp = Timestamp::from_ns(tail->integer(3)),
                           .max_timestamp = Timestamp::from_ns(tail->integer(4))});
  }
  return std::move(map->chunks);
}

}  // namespace agentaudit
