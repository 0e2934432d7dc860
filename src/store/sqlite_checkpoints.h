// The signed checkpoints of a SQLite trail: making them, and keeping the newest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/merkle_tree.h"
#include "store/checkpoint_signer.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_tree.h"

namespace agentaudit {

// The hashes of a trail as its tree. Errors of read: corrupt (one is missing), and those of
// reading. Not thread-safe; the connection must outlive it.
class StoredTree final : public HashReader {
 public:
  explicit StoredTree(sqlite_tree::Hashes hashes) : hashes_(std::move(hashes)) {}

  [[nodiscard]] Result<void> read(int level, std::uint64_t first, std::span<Hash> out) override;

 private:
  sqlite_tree::Hashes hashes_;
};

// The notes that the trail keeps, smallest first. Inside of a transaction.
[[nodiscard]] Result<std::vector<std::string>> read_checkpoints(SqliteConnection& connection);

// Notes where a copy of the newest was put. Errors: not_found (there is none).
[[nodiscard]] Result<void> note_anchor(SqliteConnection& connection, std::string_view place);

// Not thread-safe; belongs to one writing connection, which must outlive it. The caller
// holds the trail's lock.
class SqliteSigner {
 public:
  // Errors: those of CheckpointSigner::make, and of reading.
  [[nodiscard]] static Result<SqliteSigner> make(SqliteConnection& connection,
                                                 std::string_view private_key,
                                                 std::filesystem::path directory);

  // Signs all that is durable, unless the newest checkpoint covers it, in a transaction of
  // its own. Errors: corrupt (the tree has not grown out of what was signed before; nothing
  // is signed), and those of a write.
  [[nodiscard]] Result<void> sign();

 private:
  SqliteSigner(SqliteConnection& connection, CheckpointSigner signer)
      : connection_(&connection), signer_(std::move(signer)) {}

  [[nodiscard]] Result<void> write(std::uint64_t size, const std::string& note);

  SqliteConnection* connection_;
  CheckpointSigner signer_;
};

}  // namespace agentaudit
