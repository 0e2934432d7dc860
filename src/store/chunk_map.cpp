#include "store/chunk_map.h"

#include <limits>
#include <string>

#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

constexpr std::string_view chunks_sql =
    "SELECT chunk, events, min_timestamp, max_timestamp FROM chunks ORDER BY chunk";
constexpr std::string_view tail_sql =
    "SELECT min(id), max(id), count(*), min(timestamp), max(timestamp)"
    " FROM events WHERE id > ?1";

// Beyond it ids would not fit.
constexpr std::int64_t chunk_max =
    std::numeric_limits<EventId>::max() / sqlite_schema::chunk_events - 1;

}  // namespace

Result<std::vector<Chunk>> read_chunk_map(SqliteConnection& connection) {
  std::vector<Chunk> chunks;
  auto statement = connection.prepare(chunks_sql);
  if (!statement) return fail(statement.error());
  EventId covered = 0;
  while (true) {
    const auto row = statement->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    const std::int64_t chunk = statement->integer(0);
    if (chunk < 0 || chunk > chunk_max) {
      return fail(ErrorCode::corrupt,
                  "the trail has a row for chunk " + std::to_string(chunk) + ", which cannot be");
    }
    covered = sqlite_schema::last_id_of(chunk);
    if (statement->integer(1) == 0) continue;
    chunks.push_back({.first_id = sqlite_schema::first_id_of(chunk),
                      .last_id = covered,
                      .events = statement->integer(1),
                      .min_timestamp = Timestamp::from_ns(statement->integer(2)),
                      .max_timestamp = Timestamp::from_ns(statement->integer(3))});
  }
  auto tail = connection.prepare(tail_sql);
  if (!tail) return fail(tail.error());
  tail->bind(1, covered);
  const auto row = tail->step();
  if (!row) return fail(row.error());
  if (*row && tail->integer(2) > 0) {
    chunks.push_back({.first_id = tail->integer(0),
                      .last_id = tail->integer(1),
                      .events = tail->integer(2),
                      .min_timestamp = Timestamp::from_ns(tail->integer(3)),
                      .max_timestamp = Timestamp::from_ns(tail->integer(4))});
  }
  return chunks;
}

}  // namespace agentaudit
