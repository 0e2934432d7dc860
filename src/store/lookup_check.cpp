#include "store/lookup_check.h"

#include <string>
#include <utility>

#include "store/sqlite_schema.h"

namespace agentaudit {

Result<void> check_lookups(SqliteConnection& connection, EventId last_id) {
  for (const auto& [what, sql] : {std::pair("names", "PRAGMA integrity_check(names)"),
                                  std::pair("events", "PRAGMA integrity_check(events)")}) {
    const auto verdict = connection.text(sql);
    if (!verdict) return fail(verdict.error());
    if (*verdict == "ok") continue;
    return fail(ErrorCode::corrupt,
                "some " + std::string(what) + " are not found where they are: " + *verdict);
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
