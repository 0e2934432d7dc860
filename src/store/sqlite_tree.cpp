#include "store/sqlite_tree.h"

#include <algorithm>
#include <cstring>
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

Result<Hashes> Hashes::make(SqliteConnection& connection) {
  auto select =
      connection.prepare("SELECT key, data FROM tree WHERE key BETWEEN ?1 AND ?2 ORDER BY key");
  if (!select) return fail(select.error());
  return Hashes(std::move(*select));
}

Result<std::size_t> Hashes::read(int level, std::uint64_t first, std::span<Hash> out) {
  if (out.empty()) return 0;
  const std::uint64_t last = first + out.size() - 1;
  select_.reset();
  select_.bind(1, key_of(level, first / hashes_per_row));
  select_.bind(2, key_of(level, last / hashes_per_row));
  std::size_t read = 0;
  while (read < out.size()) {
    const auto row = select_.step();
    if (!row) return fail(row.error());
    const std::uint64_t next = first + read;
    if (!*row || select_.integer(0) != key_of(level, next / hashes_per_row)) break;
    const std::string_view data = select_.bytes(1);
    const std::size_t skip = next % hashes_per_row;
    const std::size_t whole = std::min<std::size_t>(data.size() / sizeof(Hash), hashes_per_row);
    if (whole <= skip) break;
    const std::size_t some = std::min(whole - skip, out.size() - read);
    std::memcpy(out[read].data(), data.data() + skip * sizeof(Hash), some * sizeof(Hash));
    read += some;
    if (skip + some < hashes_per_row) break;
  }
  select_.reset();
  return read;
}

Result<void> note_backlog(SqliteConnection& connection, std::int64_t last_id) {
  auto update =
      connection.prepare("UPDATE trail SET value = max(value, ?1) WHERE key = 'ledger_backlog'");
  if (!update) return fail(update.error());
  update->bind(1, last_id);
  return update->run();
}

}  // namespace agentaudit::sqlite_tree
