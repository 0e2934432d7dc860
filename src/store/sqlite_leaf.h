// SqliteLeaves: the rows of `events` as leaves of the ledger.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "store/chunk_builder.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_names.h"
#include "store/sqlite_row.h"
#include "store/stored_leaf.h"

namespace agentaudit {

// Not thread-safe; belongs to one connection, which must outlive it.
class SqliteLeaves final : public LeafReader {
 public:
  [[nodiscard]] static Result<SqliteLeaves> make(SqliteConnection& connection);

  void seek(EventId first, EventId last) override;
  [[nodiscard]] Result<const StoredLeaf*> next() override;
  // What the columns keep of that row. Errors: as column_values.
  [[nodiscard]] Result<ColumnValues> values() const;
  void end() noexcept override { select_.reset(); }

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
  // Of the rows that may come.
  EventId next_id_ = 0;
  EventId last_id_ = 0;
  // Of the row before: names repeat. No name has the id 0, and none is what 0 stands for.
  std::array<std::int64_t, sqlite_schema::name_kinds> name_ids_{};
  // Whether they are of the column's kind; 0, which is no name, is.
  std::array<bool, sqlite_schema::name_kinds> names_as_written_{true, true, true, true,
                                                                true, true, true, true};
  std::array<std::string, sqlite_schema::name_kinds> name_texts_;
  std::array<std::string, 3> id_texts_;
  std::string entry_;
};

}  // namespace agentaudit
