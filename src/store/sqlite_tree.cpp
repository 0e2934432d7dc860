#include "store/sqlite_tree.h"

#include <algorithm>
#include <string>
#include <vector>

namespace agentaudit::sqlite_tree {

Result<std::uint64_t> size(SqliteConnection& connection) {
  auto last = connection.prepare(
      "SELECT key, length(data) FROM tree WHERE key < ?1 ORDER BY key DESC LIMIT 1");
  if (!last) return fail(last.error());
  last->bind(1, key_of(1, 0));
  const auto row = last->step();
  if (!row) return fail(row.error());
  if (!*row) return 0;
  const std::int64_t key = last->integer(0);
  const std::int64_t bytes = last->integer(1);
  const auto hash_bytes = static_cast<std::int64_t>(sizeof(Hash));
  if (key < 0 || bytes <= 0 || bytes % hash_bytes != 0 ||
      bytes > static_cast<std::int64_t>(hashes_per_row) * hash_bytes) {
    return fail(ErrorCode::corrupt, "the last row of the ledger's leaves (key " +
                                        std::to_string(key) + ") has " + std::to_string(bytes) +
                                        " bytes");
  }
  return static_cast<std::uint64_t>(key) * hashes_per_row +
         static_cast<std::uint64_t>(bytes / hash_bytes);
}

Result<void> note_backlog(SqliteConnection& connection, std::int64_t last_id) {
  auto update =
      connection.prepare("UPDATE trail SET value = max(value, ?1) WHERE key = 'ledger_backlog'");
  if (!update) return fail(update.error());
  update->bind(1, last_id);
  return update->run();
}

Hash node_above(std::span<const Hash> nodes) {
  std::array<Hash, hashes_per_node / 2> above;
  for (std::size_t i = 0; i < above.size(); ++i) {
    above[i] = node_hash(nodes[2 * i], nodes[2 * i + 1]);
  }
  for (std::size_t left = above.size() / 2; left > 0; left /= 2) {
    for (std::size_t i = 0; i < left; ++i) above[i] = node_hash(above[2 * i], above[2 * i + 1]);
  }
  return above[0];
}

}  // namespace agentaudit::sqlite_tree
