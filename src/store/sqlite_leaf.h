// SqliteLeaves: the rows of `events` as leaves of the ledger.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "ledger/hash.h"
#include "ledger/leaf.h"
#include "store/chunk_builder.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_names.h"
#include "store/sqlite_row.h"

namespace agentaudit {

// A row and what its leaf is made of. Views are valid until the next row.
struct StoredLeaf {
  EventView event;
  Timestamp recorded_at;
  std::string_view nonce;
  Commitments commitments;
  Hash hash{};
  // Which texts were erased; the commitments are then those that were kept.
  bool summary_redacted = false;
  bool detail_redacted = false;
};

// Not thread-safe; belongs to one connection, which must outlive it.
class SqliteLeaves {
 public:
  [[nodiscard]] static Result<SqliteLeaves> make(SqliteConnection& connection);

  // Begins with the rows of these ids, in their order.
  void seek(EventId first, EventId last);
  // The next row; nullptr: there is none left.
  [[nodiscard]] Result<const StoredLeaf*> next();
  // What the columns keep of that row. Errors: as column_values.
  [[nodiscard]] Result<ColumnValues> values() const;
  // Ends before the last row.
  void end() noexcept { select_.reset(); }

 private:
  SqliteLeaves(SqliteStatement select, SqliteStatement select_redaction, NameReader names)
      : select_(std::move(select)),
        select_redaction_(std::move(select_redaction)),
        names_(std::move(names)) {}

  // Of a row whose nonce is not whole.
  [[nodiscard]] Result<void> read_redaction();

  SqliteStatement select_;
  SqliteStatement select_redaction_;
  NameReader names_;
  StoredLeaf leaf_;
  // Of the row before: names repeat. No name has the id 0, and none is what 0 stands for.
  std::array<std::int64_t, sqlite_schema::name_kinds> name_ids_{};
  std::array<std::string, sqlite_schema::name_kinds> name_texts_;
  std::array<std::string, 3> id_texts_;
  std::string entry_;
};

}  // namespace agentaudit
