// ClickhouseTree: the ledger's tree of a trail in a fleet, made of the leaves that were shipped.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "ledger/merkle_tree.h"
#include "store/clickhouse_client.h"

namespace agentaudit {

// What was made of leaves is kept, an eighth of a byte an event: leaves never change, and there are
// more to come. The first proof reads all of them, and a second version of one that comes later is
// not noticed here. Safe from any thread.
class ClickhouseTree {
 public:
  // Of the client's one trail; the client must outlive it.
  explicit ClickhouseTree(const ClickhouseClient& client) : client_(client) {}

  // As HashReader::read. Errors: not_found (an event is not here, nor is its leaf), corrupt (one is
  // there in two versions), and those of ClickhouseClient::query.
  [[nodiscard]] Result<void> read(int level, std::uint64_t first, std::span<Hash> out,
                                  const std::stop_token& stop);

 private:
  // Adds hashes to level 1 and those above until it has so many.
  [[nodiscard]] Result<void> grow(std::uint64_t hashes, const std::stop_token& stop);
  // Those of a block of 256, or of the last part of one, that lie there.
  [[nodiscard]] Result<void> read_block(std::uint64_t first, std::span<Hash> out,
                                        const std::stop_token& stop);
  // `wanted` of them, and more up to `count` where they are here.
  [[nodiscard]] Result<std::vector<Hash>> read_leaves(std::uint64_t first, std::uint64_t wanted,
                                                      std::uint64_t count,
                                                      const std::stop_token& stop) const;

  const ClickhouseClient& client_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::array<std::vector<Hash>, 8> levels_;  // of level 0 nothing
  // Of leaves, the block that was read last: who asks for one asks for those beside it.
  std::uint64_t block_first_ = 0;
  std::vector<Hash> block_;
};

// For one question. Not thread-safe; the tree must outlive it.
class ClickhouseHashes final : public HashReader {
 public:
  ClickhouseHashes(ClickhouseTree& tree, std::stop_token stop)
      : tree_(tree), stop_(std::move(stop)) {}

  [[nodiscard]] Result<void> read(int level, std::uint64_t first, std::span<Hash> out) override {
    return tree_.read(level, first, out, stop_);
  }

 private:
  ClickhouseTree& tree_;
  std::stop_token stop_;
};

}  // namespace agentaudit
