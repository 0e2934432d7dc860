#include "store/sqlite_recorded.h"

#include <limits>
#include <utility>

#include "core/bytes.h"
#include "store/recorded_events.h"
#include "store/sqlite_checkpoints.h"
#include "store/sqlite_leaf.h"
#include "store/sqlite_tree.h"

namespace agentaudit {
namespace {

RecordedEvent recorded_event(const StoredLeaf& row) {
  RecordedEvent recorded;
  recorded.event = row.event.to_event();
  recorded.recorded_at = row.recorded_at;
  recorded.leaf = view_of(row.hash);
  recorded.nonce = row.nonce;
  if (row.summary_redacted) recorded.erased_summary = view_of(row.commitments.summary);
  if (row.detail_redacted) recorded.erased_detail = view_of(row.commitments.detail);
  return recorded;
}

Result<std::vector<RecordedEvent>> read_events(SqliteConnection& connection, EventId after,
                                               std::int64_t limit) {
  auto rows = SqliteLeaves::make(connection);
  if (!rows) return fail(rows.error());
  std::vector<RecordedEvent> events;
  if (after == std::numeric_limits<EventId>::max()) return events;
  rows->seek(after + 1, std::numeric_limits<EventId>::max());
  std::size_t bytes = 0;
  while (static_cast<std::int64_t>(events.size()) < limit && bytes < recorded_bytes_max) {
    const auto row = rows->next();
    if (!row) return fail(row.error());
    if (*row == nullptr) break;
    bytes += size_bytes((*row)->event);
    events.push_back(recorded_event(**row));
  }
  rows->end();
  return events;
}

}  // namespace

Result<std::vector<RecordedEvent>> sqlite_recorded(SqliteConnection& connection, EventId after,
                                                   std::int64_t limit) {
  if (auto checked = check_recorded_limit(limit); !checked) return fail(checked.error());
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  auto events = read_events(connection, after, limit);
  if (!events) return events;
  const auto size = sqlite_tree::size(connection);
  if (!size) return fail(size.error());
  auto hashes = sqlite_tree::Hashes::make(connection);
  if (!hashes) return fail(hashes.error());
  StoredTree tree(std::move(*hashes));
  if (auto checked = check_leaves(*events, *size, tree); !checked) return fail(checked.error());
  return events;
}

Result<std::string> sqlite_root_at(SqliteConnection& connection, std::int64_t size) {
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  const auto leaves = sqlite_tree::size(connection);
  if (!leaves) return fail(leaves.error());
  auto hashes = sqlite_tree::Hashes::make(connection);
  if (!hashes) return fail(hashes.error());
  StoredTree tree(std::move(*hashes));
  return root_bytes(size, *leaves, tree);
}

}  // namespace agentaudit
