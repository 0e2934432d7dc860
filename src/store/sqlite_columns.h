// Columns in a SQLite trail: sealed ones read from their BLOBs, others from the rows.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "store/chunk_columns.h"
#include "store/chunk_map.h"
#include "store/gram_bitmap.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

// The columns of one sealed chunk after another, each read when it is asked for. Not
// thread-safe; must not outlive the connection, and be used inside a transaction.
class SealedColumns final : public ChunkColumns {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SealedColumns>> make(SqliteConnection& connection);

  // `chunk` must be sealed and outlive what is asked of it. Moving to where it is keeps
  // what was read. Errors: corrupt.
  [[nodiscard]] Result<void> move_to(const Chunk& chunk);

  [[nodiscard]] std::size_t positions() const override { return chunk_positions; }
  [[nodiscard]] const ChunkBounds& bounds() const override { return *chunk_->bounds; }
  [[nodiscard]] const Positions* deleted() const override {
    return chunk_->has_deletions ? &deleted_ : nullptr;
  }
  [[nodiscard]] Result<std::span<const DictionaryEntry>> dictionary(Column column) override;
  [[nodiscard]] Result<Codes> codes(Column column) override;
  [[nodiscard]] Result<std::span<const std::int64_t>> numbers(Column column) override;
  // Must be called when another transaction begins.
  void forget() noexcept { chunk_ = nullptr; }

  // False: no text of the chunk holds the needle, in whichever case.
  [[nodiscard]] Result<bool> may_hold_text(std::string_view needle);
  // What the chunk's filter says of the trace; true also where the chunk has none.
  [[nodiscard]] Result<bool> may_hold_trace(std::uint32_t value);
  // Whether the chunk's grams know all of these.
  [[nodiscard]] Result<bool> may_hold_all(const GramBitmap& grams);

 private:
  struct Loaded {
    bool dictionary = false;
    bool data = false;
  };

  SealedColumns(SqliteStatement data, SqliteStatement deleted, SqliteStatement grams)
      : data_(std::move(data)), deleted_positions_(std::move(deleted)), grams_(std::move(grams)) {}

  [[nodiscard]] std::int64_t number() const;
  // The BLOB of a key, valid until the statement's reset.
  [[nodiscard]] Result<std::string_view> blob(std::int64_t key);
  [[nodiscard]] Result<GramBitmap> grams();
  [[nodiscard]] Error damaged(Column column, const std::string& what) const;

  SqliteStatement data_;
  SqliteStatement deleted_positions_;
  SqliteStatement grams_;
  const Chunk* chunk_ = nullptr;
  Positions deleted_;
  std::array<Loaded, column_count> loaded_;
  std::array<std::vector<DictionaryEntry>, coded_columns.size()> dictionaries_;
  std::array<std::vector<std::uint8_t>, coded_columns.size()> byte_codes_;
  std::array<std::vector<std::uint16_t>, coded_columns.size()> word_codes_;
  std::array<std::vector<std::int64_t>, number_columns.size()> numbers_;
};

// The chunks from `first` to `last` that cannot hold the trace, by what their filters say,
// in ascending order.
[[nodiscard]] Result<std::vector<std::int64_t>> chunks_without_trace(SqliteConnection& connection,
                                                                     std::uint32_t value,
                                                                     std::int64_t first,
                                                                     std::int64_t last);

// What a row of `events` is read by where its columns are wanted: the first columns of the
// statement.
inline constexpr std::string_view column_values_sql =
    "id, timestamp, duration_ms, trace_id,"
    " category, action, agent, status, source, target, principal, conversation";
inline constexpr int column_values_trace = 3;
inline constexpr int column_values_names = 4;  // in the order of name_columns
inline constexpr int column_values_end = 12;
// Errors: corrupt (a name's id that no column takes).
[[nodiscard]] Result<ColumnValues> column_values(const SqliteStatement& row);
// The same where they were read already. Of the row's names, the ids.
using NameIds = std::array<std::int64_t, sqlite_schema::name_kinds>;
[[nodiscard]] Result<ColumnValues> column_values(const SqliteStatement& row, const EventView& event,
                                                 const NameIds& names);

// Appends the rows of a range of ids to the builder; those that are gone as deleted. With
// `grams`, also what summaries and details hold. Errors: as column_values.
[[nodiscard]] Result<void> read_rows(SqliteConnection& connection, EventId first_id,
                                     EventId last_id, ChunkBuilder& builder, GramBuilder* grams);

}  // namespace agentaudit
