#include "store/clickhouse_tree.h"

#include <algorithm>
#include <string>
#include <utility>

#include "store/clickhouse_sql.h"
#include "store/row_binary.h"

namespace agentaudit {
namespace {

using clickhouse_sql::int64;

// 10 MB of an answer.
constexpr std::uint64_t leaves_of_a_step = 1'024 * tile_width;

}  // namespace

Result<void> ClickhouseTree::read(int level, std::uint64_t first, std::span<Hash> out,
                                  const std::stop_token& stop) {
  const std::lock_guard guard(mutex_);
  if (level == 0) {
    for (std::uint64_t done = 0; done < out.size();) {
      const std::uint64_t left = tile_width - (first + done) % tile_width;
      const std::span<Hash> part =
          out.subspan(done, std::min<std::uint64_t>(left, out.size() - done));
      if (auto read = read_block(first + done, part, stop); !read) return read;
      done += part.size();
    }
    return {};
  }
  const std::uint64_t wanted = first + out.size();
  if (auto grown = grow(wanted << (8U * static_cast<unsigned>(level - 1)), stop); !grown) {
    return grown;
  }
  const std::vector<Hash>& hashes = levels_.at(static_cast<std::size_t>(level));
  std::copy_n(hashes.begin() + static_cast<std::ptrdiff_t>(first), out.size(), out.begin());
  return {};
}

Result<void> ClickhouseTree::read_block(std::uint64_t first, std::span<Hash> out,
                                        const std::stop_token& stop) {
  const std::uint64_t block = first - first % tile_width;
  const std::uint64_t wanted = first - block + out.size();
  if (block != block_first_ || block_.size() < wanted) {
    auto leaves = read_leaves(block, wanted, tile_width, stop);
    if (!leaves) return fail(leaves.error());
    block_first_ = block;
    block_ = std::move(*leaves);
  }
  std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(first - block), out.size(), out.begin());
  return {};
}

Result<void> ClickhouseTree::grow(std::uint64_t hashes, const std::stop_token& stop) {
  std::vector<Hash>& lowest = levels_[1];
  while (lowest.size() < hashes) {
    const std::uint64_t first = lowest.size() * tile_width;
    const std::uint64_t count = std::min(leaves_of_a_step, hashes * tile_width - first);
    const auto leaves = read_leaves(first, count, count, stop);
    if (!leaves) return fail(leaves.error());
    std::span<const Hash> rest(*leaves);
    for (; !rest.empty(); rest = rest.subspan(tile_width)) {
      lowest.push_back(subtree_hash(rest.first(tile_width)));
    }
  }
  for (std::size_t level = 2; level < levels_.size(); ++level) {
    const std::vector<Hash>& below = levels_[level - 1];
    std::vector<Hash>& above = levels_[level];
    while ((above.size() + 1) * tile_width <= below.size()) {
      above.push_back(
          subtree_hash(std::span(below).subspan(above.size() * tile_width, tile_width)));
    }
  }
  return {};
}

// Rows that came again have the same leaf.
Result<std::vector<Hash>> ClickhouseTree::read_leaves(std::uint64_t first, std::uint64_t wanted,
                                                      std::uint64_t count,
                                                      const std::stop_token& stop) const {
  std::vector<Hash> leaves;
  const auto first_id = static_cast<EventId>(first) + 1;
  const auto last_id = static_cast<EventId>(first + count);
  const auto answer =
      client_.query("SELECT id, leaf" + clickhouse_sql::from_trail(client_.address(), "events") +
                        " AND id >= " + int64(first_id) + " AND id <= " + int64(last_id) +
                        " ORDER BY id, leaf FORMAT RowBinary",
                    stop);
  if (!answer) return fail(answer.error());
  leaves.reserve(count);
  RowBinaryReader rows(*answer);
  EventId next_id = first_id;
  while (!rows.at_end()) {
    const EventId id = rows.number();
    const Hash leaf = clickhouse_sql::read_hash(rows);
    if (!rows.ok()) return fail(client_.unreadable());
    if (id < next_id && !leaves.empty() && leaf == leaves.back()) continue;
    if (id < next_id) {
      return fail(ErrorCode::corrupt, clickhouse_sql::forked_text(id));
    }
    if (id > next_id) break;
    leaves.push_back(leaf);
    ++next_id;
  }
  if (leaves.size() < wanted) {
    return fail(ErrorCode::not_found,
                "event " + std::to_string(next_id) +
                    " is not here, nor is its leaf, so nothing can be proved of this trail here");
  }
  return leaves;
}

}  // namespace agentaudit
