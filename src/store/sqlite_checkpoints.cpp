#include "store/sqlite_checkpoints.h"

#include <utility>

#include "store/sqlite_scan.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
Result<void> StoredTree::read(int level, std::uint64_t first, std::span<Hash> out) {
  const auto read = hashes_.read(level, first, out);
  if (!read) return fail(read.error());
  if (*read == out.size()) return {};
  return fail(ErrorCode::corrupt, "the ledger's tree lacks hash " + std::to_string(first + *read) +
                                      " of level " + std::to_string(level));
}

Result<std::vector<std::string>> read_checkpoints(SqliteConnection& connection) {
  auto select = connection.prepare("SELECT note FROM checkpoints ORDER BY size");
  if (!select) return fail(select.error());
  std::vector<std::string> notes;
  auto read = for_each_row(*select, [&](const SqliteStatement& row) -> Result<void> {
    notes.emplace_back(row.bytes(0));
    return {};
  });
  if (!read) return fail(read.error());
  return notes;
}

Result<void> note_anchor(SqliteConnection& connection, std::string_view place) {
  auto update = connection.prepare(
      "UPDATE checkpoints SET anchored = ?1 WHERE size = (SELECT max(size) FROM checkpoints)");
  if (!update) return fail(update.error());
  update->bind_text(1, place);
  if (auto updated = update->run(); !updated) return updated;
  if (connection.changes() > 0) return {};
  return fail(ErrorCode::not_found, "the trail has no checkpoint");
}

Result<SqliteSigner> SqliteSigner::make(SqliteConnection& connection, std::string_view private_key,
                                        std::filesystem::path directory) {
  auto trail_id = sqlite_schema::trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  auto signer = CheckpointSigner::make(private_key, std::move(*trail_id), std::move(directory));
  if (!signer) return fail(signer.error());
  return SqliteSigner(connection, std::move(*signer));
}

Result<void> SqliteSigner::sign() {
  auto transaction = SqliteTransaction::begin_write(*connection_);
  if (!transaction) return fail(transaction.error());
  const auto size = sqlite_tree::size(*connection_);
  if (!size) return fail(size.error());
  if (*size == 0 || signer_.has_signed(*size)) return {};
  auto hashes = sqlite_tree::Hashes::make(*connection_);
  if (!hashes) return fail(hashes.error());
  StoredTree tree(std::move(*hashes));
  auto notes = read_checkpoints(*connection_);
  if (!notes) return fail(notes.error());
  const auto note = signer_.sign(*size, tree, std::move(*notes));
  if (!note) return fail(note.error());
  if (!*note) return {};
  if (auto written = write(*size, **note); !written) return written;
  if (auto committed = transaction->commit(); !committed) return committed;
  signer_.keep(*size, **note);
  return {};
}

// What was anchored stays; of the others the newest is enough.
Result<void> SqliteSigner::write(std::uint64_t size, const std::string& note) {
  if (auto done = connection_->exec("DELETE FROM checkpoints WHERE anchored IS NULL"); !done) {
    return done;
  }
  auto insert =
      connection_->prepare("INSERT OR REPLACE INTO checkpoints(size, note) VALUES (?1, ?2)");
  if (!insert) return fail(insert.error());
  insert->bind(1, static_cast<std::int64_t>(size));
  insert->bind_text(2, note);
  if (auto inserted = insert->run(); !inserted) return inserted;
  auto sealed_by =
      connection_->prepare("INSERT OR REPLACE INTO trail(key, value) VALUES ('sealed_by', ?1)");
  if (!sealed_by) return fail(sealed_by.error());
  const std::string key = signer_.public_key();
  sealed_by->bind_text(1, key);
  return sealed_by->run();
}

}  // namespace agentaudit
