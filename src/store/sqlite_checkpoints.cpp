#include "store/sqlite_checkpoints.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "store/sqlite_scan.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

// A file that holds nothing but a note; empty where it is not there, or too long for one.
std::string content_of(const std::filesystem::path& path) {
  std::error_code failed;
  if (std::filesystem::file_size(path, failed) > note_bytes_max || failed) return {};
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(out).str();
}

}  // namespace

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
  auto signer = NoteSigner::from_text(private_key);
  if (!signer) return fail(signer.error());
  auto trail_id = sqlite_schema::trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  return SqliteSigner(connection, std::move(*signer), std::move(*trail_id), std::move(directory));
}

Result<void> SqliteSigner::sign() {
  auto transaction = SqliteTransaction::begin_write(*connection_);
  if (!transaction) return fail(transaction.error());
  const auto size = sqlite_tree::size(*connection_);
  if (!size) return fail(size.error());
  if (*size == 0 || *size == signed_size_) return {};
  auto hashes = sqlite_tree::Hashes::make(*connection_);
  if (!hashes) return fail(hashes.error());
  StoredTree tree(std::move(*hashes));
  const auto last = this->last();
  if (!last) return fail(last.error());
  if (*last) {
    const auto root = (*last)->size <= *size ? root_of((*last)->size, tree) : Hash{};
    if (!root) return fail(root.error());
    if (*root != (*last)->root) {
      return fail(ErrorCode::corrupt,
                  "the trail is not what was signed at " + std::to_string((*last)->size) +
                      " events; nothing more is signed (`agentaudit verify` tells more)");
    }
    if ((*last)->size == *size) {
      signed_size_ = *size;
      return {};
    }
  }
  const auto root = root_of(*size, tree);
  if (!root) return fail(root.error());
  const auto note = sign_checkpoint(
      {.origin = signer_.key().name + '/' + trail_id_, .size = *size, .root = *root}, signer_);
  if (!note) return fail(note.error());
  if (auto written = write(*size, *note); !written) return written;
  if (auto committed = transaction->commit(); !committed) return committed;
  signed_size_ = *size;
  write_copy(*note);
  return {};
}

Result<std::optional<Checkpoint>> SqliteSigner::last() const {
  std::vector<std::string> notes;
  if (!directory_.empty()) notes.push_back(content_of(directory_ / trail_id_));
  auto kept = read_checkpoints(*connection_);
  if (!kept) return fail(kept.error());
  notes.insert(notes.end(), kept->begin(), kept->end());
  std::optional<Checkpoint> last;
  for (const std::string& note : notes) {
    // Only what this key signed binds it.
    auto checkpoint = open_checkpoint(note, signer_.verifier());
    if (checkpoint && (!last || checkpoint->size > last->size)) last = std::move(*checkpoint);
  }
  return last;
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
  const std::string key = signer_.verifier().to_text();
  sealed_by->bind_text(1, key);
  return sealed_by->run();
}

// A witness beside the key: it tells when the trail's file was rolled back. The trail itself
// has the checkpoint, so that a copy that cannot be written is none.
void SqliteSigner::write_copy(const std::string& note) const {
  if (directory_.empty()) return;
  constexpr mode_t directory_mode = 0700;
  constexpr mode_t file_mode = 0600;
  (void)::mkdir(directory_.c_str(), directory_mode);
  const std::filesystem::path path = directory_ / trail_id_;
  const std::filesystem::path part = path.native() + ".part";
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file_mode);
  if (descriptor < 0) return;
  const bool whole =
      ::write(descriptor, note.data(), note.size()) == static_cast<ssize_t>(note.size());
  ::close(descriptor);
  if (!whole || ::rename(part.c_str(), path.c_str()) != 0) ::unlink(part.c_str());
}

}  // namespace agentaudit
