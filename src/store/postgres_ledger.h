// PostgresLedger: the ledger's tree in PostgreSQL, as a writer adds to it and as proofs read it.
// The table agentaudit_tiles holds the hashes of a level in rows of 256, as the tiles of C2SP
// tlog-tiles do.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/merkle_tree.h"
#include "store/postgres_connection.h"

namespace agentaudit {

// Not thread-safe. All of it runs inside of a transaction that has the trail's lock.
class PostgresLedger {
 public:
  // Enough for more leaves than there are ids.
  static constexpr int levels = 8;

  // Begins a transaction in a tree of that size, whose end it reads where it does not know it.
  // A tree that is damaged gets no more leaves: to record goes before to prove.
  [[nodiscard]] Result<void> begin(PostgresConnection& connection, std::uint64_t size);
  void add(const Hash& leaf);
  // Appends the statement that writes what `add` changed.
  void finish(std::string& sql);
  // Must be called after a rollback.
  void forget() noexcept { known_ = false; }

 private:
  struct Level {
    std::uint64_t count = 0;
    std::vector<Hash> tile;  // the hashes of the last one, if it is not full
    bool grew = false;
  };
  struct Tile {
    int level;
    std::uint64_t tile;
    std::vector<Hash> hashes;
  };

  [[nodiscard]] Result<void> load(PostgresConnection& connection, std::uint64_t size);

  std::array<Level, levels> levels_;
  std::vector<Tile> full_;
  bool known_ = false;
  bool broken_ = false;
};

// Reads hashes for merkle_tree's functions. The connection must outlive it. Errors besides:
// corrupt (hashes are missing).
class PostgresHashes final : public HashReader {
 public:
  explicit PostgresHashes(PostgresConnection& connection) : connection_(connection) {}
  [[nodiscard]] Result<void> read(int level, std::uint64_t first, std::span<Hash> out) override;
  // Those from `first` on until one is missing: how many they are. Errors: not `corrupt` for those
  // that are missing.
  [[nodiscard]] Result<std::uint64_t> read_some(int level, std::uint64_t first,
                                                std::span<Hash> out);
  // What is said of the first that is missing.
  [[nodiscard]] static std::string lack_text(int level, std::uint64_t from);

 private:
  PostgresConnection& connection_;
};

}  // namespace agentaudit
