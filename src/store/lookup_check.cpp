#include "store/lookup_check.h"

#include <string>

#include "store/sqlite_schema.h"

namespace agentaudit {

Result<void> check_lookups(SqliteConnection& connection, EventId last_id) {
  const auto names = connection.text("PRAGMA integrity_check(names)");
  if (!names) return fail(names.error());
  if (*names != "ok") {
    return fail(ErrorCode::corrupt, "the names are not found as they should be: " + *names);
  }
  auto select = connection.prepare("SELECT chunk FROM chunks WHERE chunk < 0 OR chunk >= ?1");
  if (!select) return fail(select.error());
  select->bind(1, last_id / sqlite_schema::chunk_events);
  const auto row = select->step();
  if (!row) return fail(row.error());
  if (!*row) return {};
  return fail(ErrorCode::corrupt, "the trail has a row for chunk " +
                                      std::to_string(select->integer(0)) +
                                      ", which is not complete");
}

}  // namespace agentaudit
