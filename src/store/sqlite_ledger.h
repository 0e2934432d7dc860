// SqliteLedger: what a writer does for the ledger. Every row it adds becomes a leaf in
// the transaction that adds the row.
#pragma once

#include <array>
#include <cstdint>
#include <future>
#include <span>
#include <string>
#include <vector>

#include "ledger/hash.h"
#include "store/new_rows.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_leaf.h"
#include "store/sqlite_tree.h"

namespace agentaudit {

// Not thread-safe; belongs to one writing connection, which must outlive it. All of it
// runs inside of a transaction.
class SqliteLedger {
 public:
  [[nodiscard]] static Result<SqliteLedger> make(SqliteConnection& connection);

  // Begins a transaction. Returns the id after which events may be added: `last_id`, that of
  // the last event, or more where the ledger has leaves of events that are gone, whose ids
  // are not given again. Of events that have no leaf yet (docs/ledger.md, "Trails of an older
  // version") it hashes at most `backlog_max`.
  [[nodiscard]] Result<EventId> begin(EventId last_id, std::size_t backlog_max);
  // Begins to hash rows that come next, of many on a thread of its own, while the caller
  // stores them. They must stay until append or forget.
  void hash(std::span<const NewRow> rows);
  // Appends the leaves of those rows. While older events wait for their leaves, these do too.
  [[nodiscard]] Result<void> append();
  // Writes the hashes that append and begin computed, and up to which event there is none
  // yet. The last thing before the commit.
  [[nodiscard]] Result<void> finish(EventId last_id);
  // How many events up to `last_id` have no leaf yet; 0 where the tree is damaged.
  [[nodiscard]] std::int64_t backlog(EventId last_id) const noexcept;
  // Must be called after a rollback.
  void forget() noexcept;

 private:
  struct Row {
    std::int64_t key;
    std::string hashes;
  };
  struct Level {
    std::uint64_t count = 0;
    std::string row;          // the hashes of the last row, if it is not full
    std::vector<Hash> block;  // those since the last complete subtree of the level above
    bool grew = false;        // `row` is not written yet
  };

  SqliteLedger(SqliteConnection& connection, SqliteStatement select, SqliteStatement insert)
      : connection_(&connection), select_(std::move(select)), insert_(std::move(insert)) {}

  // How many events have a leaf.
  [[nodiscard]] std::uint64_t size() const noexcept { return levels_[0].count; }

  // Reads the end of each level, where others may have written.
  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<void> load_level(int level, std::uint64_t count);
  [[nodiscard]] Result<std::string_view> stored_row(int level, std::uint64_t row);
  [[nodiscard]] Result<void> catch_up(EventId last_id);
  // They compute only, on whichever thread: what is to be written waits in full_rows_.
  void add_rows(std::span<const NewRow> rows);
  void add(const Hash& leaf);
  [[nodiscard]] Result<void> write_full_rows();
  [[nodiscard]] Result<void> write_row(const Row& row);

  SqliteConnection* connection_;
  SqliteStatement select_;
  SqliteStatement insert_;
  std::array<Level, sqlite_tree::levels> levels_;
  bool known_ = false;      // levels_ are as the trail has them
  bool broken_ = false;     // the trail's tree is damaged: events are recorded without leaves
  bool caught_up_ = false;  // every event of the trail has a leaf
  std::string entry_;
  std::vector<Row> full_rows_;  // to be written, and then never again
  std::future<void> hashing_;   // valid: a thread has all of this but the statements
};

}  // namespace agentaudit
