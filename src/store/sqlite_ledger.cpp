#include "store/sqlite_ledger.h"

#include <algorithm>
#include <cstring>
#include <system_error>

#include "agentaudit/core/names.h"
#include "core/bytes.h"
#include "ledger/leaf.h"

namespace agentaudit {
namespace {

using sqlite_tree::hashes_per_row;

// Fewer are hashed sooner than a thread begins.
constexpr std::size_t rows_for_a_thread = 64;

// Nobody is told: the writer goes on without the tree, and `agentaudit verify` finds what is wrong.
Error damaged() {
  return {.code = ErrorCode::corrupt, .message = "the ledger's tree lacks hashes at its end"};
}

}  // namespace

Result<SqliteLedger> SqliteLedger::make(SqliteConnection& connection) {
  auto select = connection.prepare("SELECT data FROM tree WHERE key = ?1");
  if (!select) return fail(select.error());
  auto insert = connection.prepare("INSERT OR REPLACE INTO tree(key, data) VALUES (?1, ?2)");
  if (!insert) return fail(insert.error());
  return SqliteLedger(connection, std::move(*select), std::move(*insert));
}

Result<EventId> SqliteLedger::begin(EventId last_id, std::size_t backlog_max) {
  const auto events = static_cast<std::uint64_t>(last_id);
  caught_up_ = false;
  // As long as both agree, nobody else has added anything.
  if (!known_ || size() != events) {
    known_ = false;
    const auto loaded = load();
    // To record goes before to prove: `agentaudit verify` will say what is wrong.
    broken_ = !loaded && loaded.error().code == ErrorCode::corrupt;
    if (broken_) return last_id;
    if (!loaded) return fail(loaded.error());
    known_ = true;
  }
  if (size() < events) {
    const std::uint64_t some = std::min<std::uint64_t>(events - size(), backlog_max);
    if (auto hashed = catch_up(static_cast<EventId>(size() + some)); !hashed) {
      return fail(hashed.error());
    }
  }
  caught_up_ = size() >= events;
  return static_cast<EventId>(std::max(size(), events));
}

void SqliteLedger::hash(std::span<const NewRow> rows) {
  if (!caught_up_) return;
  if (rows.size() < rows_for_a_thread) {
    add_rows(rows);
    return;
  }
  try {
    hashing_ = std::async(std::launch::async, [this, rows] { add_rows(rows); });
  } catch (const std::system_error&) {
    add_rows(rows);  // no thread is to be had: it takes longer without
  }
}

Result<void> SqliteLedger::append() {
  if (hashing_.valid()) hashing_.get();
  return write_full_rows();
}

std::int64_t SqliteLedger::backlog(EventId last_id) const noexcept {
  return broken_ ? 0 : std::max<std::int64_t>(last_id - static_cast<EventId>(size()), 0);
}

void SqliteLedger::forget() noexcept {
  if (hashing_.valid()) hashing_.wait();
  hashing_ = {};
  full_rows_.clear();
  known_ = false;
}

Result<void> SqliteLedger::finish(EventId last_id) {
  for (int level = 0; level < sqlite_tree::levels; ++level) {
    Level& of = levels_[static_cast<std::size_t>(level)];
    if (!of.grew) continue;
    const std::int64_t key = sqlite_tree::key_of(level, of.count / hashes_per_row);
    if (auto written = write_row({.key = key, .hashes = of.row}); !written) return written;
    of.grew = false;
  }
  return caught_up_ ? Result<void>() : sqlite_tree::note_backlog(*connection_, last_id);
}

Result<void> SqliteLedger::load() {
  const auto leaves = sqlite_tree::size(*connection_);
  if (!leaves) return fail(leaves.error());
  for (int level = 0; level < sqlite_tree::levels; ++level) {
    if (auto loaded = load_level(level, hashes_of_level(level, *leaves)); !loaded) {
      return loaded;
    }
  }
  return {};
}

Result<void> SqliteLedger::load_level(int level, std::uint64_t count) {
  Level& of = levels_[static_cast<std::size_t>(level)];
  of.count = count;
  of.grew = false;
  of.row.clear();
  of.block.clear();
  // The block may begin in the row before the last.
  const std::uint64_t first = count - count % tile_width;
  for (std::uint64_t row = first / hashes_per_row; row * hashes_per_row < count; ++row) {
    const std::uint64_t row_first = row * hashes_per_row;
    const std::uint64_t hashes = std::min(hashes_per_row, count - row_first);
    const auto stored = stored_row(level, row);
    if (!stored) return fail(stored.error());
    if (stored->size() != hashes * sizeof(Hash)) return fail(damaged());
    for (std::uint64_t i = std::max(first, row_first) - row_first; i < hashes; ++i) {
      std::memcpy(of.block.emplace_back().data(), &(*stored)[i * sizeof(Hash)], sizeof(Hash));
    }
    if (hashes < hashes_per_row) of.row = *stored;
    select_.reset();
  }
  return {};
}

Result<std::string_view> SqliteLedger::stored_row(int level, std::uint64_t row) {
  select_.bind(1, sqlite_tree::key_of(level, row));
  const auto found = select_.step();
  if (!found) return fail(found.error());
  if (!*found) return fail(damaged());
  return select_.bytes(0);
}

Result<void> SqliteLedger::catch_up(EventId last_id) {
  auto leaves = SqliteLeaves::make(*connection_);
  if (!leaves) return fail(leaves.error());
  auto next_id = static_cast<EventId>(size()) + 1;
  leaves->seek(next_id, last_id);
  while (next_id <= last_id) {
    const auto leaf = leaves->next();
    if (!leaf) return fail(leaf.error());
    const EventId present = *leaf != nullptr ? (*leaf)->event.id : last_id + 1;
    for (; next_id < present; ++next_id) {
      entry_.clear();
      append_absent_entry(entry_, next_id);
      add(leaf_hash(entry_));
    }
    if (*leaf == nullptr) break;
    add((*leaf)->hash);
    ++next_id;
  }
  return write_full_rows();
}

void SqliteLedger::add_rows(std::span<const NewRow> rows) {
  for (const NewRow& row : rows) {
    EventView event = *row.event;
    event.id = row.id;
    event.timestamp = Timestamp::from_ns(row.timestamp_ns);
    if (event.status.empty()) event.status = status::ok;
    entry_.clear();
    append_entry(entry_, event, Timestamp::from_ns(row.recorded_at_ns),
                 commitments_of(event, row.nonce));
    add(leaf_hash(entry_));
  }
}

void SqliteLedger::add(const Hash& leaf) {
  Hash node = leaf;
  for (int level = 0; level < sqlite_tree::levels; ++level) {
    Level& of = levels_[static_cast<std::size_t>(level)];
    of.row += view_of(node);
    of.block.push_back(node);
    of.grew = true;
    if (++of.count % hashes_per_row == 0) {
      const std::int64_t key = sqlite_tree::key_of(level, of.count / hashes_per_row - 1);
      full_rows_.push_back({.key = key, .hashes = std::move(of.row)});
      of.row.clear();
      of.grew = false;
    }
    if (of.block.size() < tile_width) return;
    node = subtree_hash(of.block);
    of.block.clear();
  }
}

Result<void> SqliteLedger::write_full_rows() {
  for (const Row& row : full_rows_) {
    if (auto written = write_row(row); !written) return written;
  }
  full_rows_.clear();
  return {};
}

Result<void> SqliteLedger::write_row(const Row& row) {
  insert_.bind(1, row.key);
  insert_.bind_blob(2, row.hashes);
  return insert_.run();
}

}  // namespace agentaudit
