#include "store/sqlite_scan.h"

#include <utility>

#include "agentaudit/core/names.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

// The id of a status; no event has it: -1, which no row carries.
Result<std::int64_t> status_id(SqliteReader& reader, std::string_view name) {
  auto statement =
      reader.connection().prepare("SELECT id FROM names WHERE kind = ?1 AND name = ?2");
  if (!statement) return fail(statement.error());
  statement->bind(1, static_cast<std::int64_t>(sqlite_schema::NameKind::status));
  statement->bind_text(2, name);
  const auto row = statement->step();
  if (!row) return fail(row.error());
  return *row ? statement->integer(0) : -1;
}

}  // namespace

Result<StatusIds> StatusIds::read(SqliteReader& reader) {
  StatusIds ids;
  for (const auto& [id, name] :
       {std::pair(&ids.error, status::error), std::pair(&ids.denied, status::denied),
        std::pair(&ids.pending, status::pending)}) {
    const auto found = status_id(reader, name);
    if (!found) return fail(found.error());
    *id = *found;
  }
  return ids;
}

}  // namespace agentaudit
