#include "store/prune_scope.h"

#include "agentaudit/core/names.h"
#include "store/chunk_map.h"
#include "store/sqlite_holds.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

// The trail's own records stay.
constexpr std::string_view old_sql =
    " FROM events WHERE id BETWEEN ?1 AND ?2 AND timestamp < ?3 AND NOT ("
    "category IN (SELECT id FROM names WHERE kind = 1 AND name = 'audit') AND"
    " action IN (SELECT id FROM names WHERE kind = 2 AND name IN (";
constexpr int first_free_parameter = 4;

std::string records_sql() {
  std::string names;
  for (const std::string_view name : action::records) {
    if (!names.empty()) names += ", ";
    names.append("'").append(name).append("'");
  }
  return names + ")))";
}

}  // namespace

Result<PruneScope> PruneScope::read(SqliteConnection& connection, const PruneOpts& opts) {
  SqliteFilter filter(first_free_parameter);
  filter.names(sqlite_schema::NameKind::category, opts.categories);
  filter.without_names(sqlite_schema::NameKind::category, opts.exclude_categories);
  auto held = held_sql(connection);
  if (!held) return fail(held.error());
  std::string old = std::string(old_sql) + records_sql() + " AND " + filter.sql();
  return PruneScope(connection, opts.cutoff, std::move(filter), std::move(old), std::move(*held));
}

Result<SqliteStatement> PruneScope::prepare(const std::string& sql, EventId first,
                                            EventId last) const {
  auto statement = connection_->prepare(sql);
  if (!statement) return statement;
  statement->bind(1, first);
  statement->bind(2, last);
  statement->bind(3, cutoff_.ns());
  filter_.bind(*statement);
  return statement;
}

Result<std::vector<EventId>> PruneScope::ids(EventId first, EventId last) const {
  auto select =
      prepare("SELECT id" + old_sql_ + " AND NOT " + held_sql_ + " ORDER BY id", first, last);
  if (!select) return fail(select.error());
  std::vector<EventId> ids;
  auto done = for_each_row(*select, [&](const SqliteStatement& row) -> Result<void> {
    ids.push_back(row.integer(0));
    return {};
  });
  if (!done) return fail(done.error());
  return ids;
}

Result<std::int64_t> PruneScope::held(EventId first, EventId last) const {
  if (held_sql_ == "0") return 0;
  auto select = prepare("SELECT count(*)" + old_sql_ + " AND " + held_sql_, first, last);
  if (!select) return fail(select.error());
  const auto row = select->step();
  if (!row) return fail(row.error());
  return select->integer(0);
}

Result<PruneCounts> sqlite_preview_prune(SqliteConnection& connection, const PruneOpts& opts) {
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  const auto chunks = read_chunks_and_tail(connection);
  if (!chunks) return fail(chunks.error());
  const auto scope = PruneScope::read(connection, opts);
  if (!scope) return fail(scope.error());
  PruneCounts preview;
  for (const Chunk& chunk : *chunks) {
    if (chunk.min_timestamp >= opts.cutoff) continue;
    const auto ids = scope->ids(chunk.first_id, chunk.last_id);
    if (!ids) return fail(ids.error());
    const auto held = scope->held(chunk.first_id, chunk.last_id);
    if (!held) return fail(held.error());
    preview.deleted += static_cast<std::int64_t>(ids->size());
    preview.held += *held;
  }
  return preview;
}

}  // namespace agentaudit
