#include "store/sqlite_columns.h"

#include <limits>

#include "store/sqlite_row.h"
#include "store/sqlite_scan.h"
#include "store/value_filter.h"

namespace agentaudit {
Result<std::unique_ptr<SealedColumns>> SealedColumns::make(SqliteConnection& connection) {
  SqliteStatement data;
  SqliteStatement deleted;
  SqliteStatement grams;
  for (const auto& [statement, sql] :
       {std::pair(&data, "SELECT data FROM columns WHERE key = ?1"),
        std::pair(&deleted, "SELECT deleted FROM chunks WHERE chunk = ?1"),
        std::pair(&grams, "SELECT three FROM grams WHERE chunk = ?1")}) {
    auto prepared = connection.prepare(sql);
    if (!prepared) return fail(prepared.error());
    *statement = std::move(*prepared);
  }
  return std::unique_ptr<SealedColumns>(
      new SealedColumns(std::move(data), std::move(deleted), std::move(grams)));
}

std::int64_t SealedColumns::number() const { return sqlite_schema::chunk_of(chunk_->first_id); }

Result<void> SealedColumns::move_to(const Chunk& chunk) {
  if (chunk_ == &chunk) return {};
  chunk_ = &chunk;
  loaded_ = {};
  if (!chunk.has_deletions) return {};
  deleted_positions_.bind(1, number());
  const auto row = deleted_positions_.step();
  if (!row) return fail(row.error());
  if (!*row) return fail(ErrorCode::corrupt, "chunk " + std::to_string(number()) + " has no row");
  auto positions = decode_positions(deleted_positions_.bytes(0));
  deleted_positions_.reset();
  if (!positions) {
    return fail(ErrorCode::corrupt,
                "chunk " + std::to_string(number()) + " has " + positions.error().message);
  }
  deleted_ = *positions;
  return {};
}

Result<std::string_view> SealedColumns::blob(std::int64_t key) {
  data_.reset();
  data_.bind(1, key);
  const auto row = data_.step();
  if (!row) return fail(row.error());
  return *row ? data_.bytes(0) : std::string_view();
}

Error SealedColumns::damaged(Column column, const std::string& what) const {
  return {.code = ErrorCode::corrupt,
          .message = "column " + std::to_string(static_cast<int>(column)) + " of chunk " +
                     std::to_string(number()) + " has " + what +
                     "; `agentaudit repair` makes it anew from the rows"};
}

Result<std::span<const DictionaryEntry>> SealedColumns::dictionary(Column column) {
  auto& entries = dictionaries_[coded_index_of(column)];
  bool& loaded = loaded_[index_of(column)].dictionary;
  if (!loaded) {
    const auto bytes = blob(dictionary_key(column, number()));
    if (!bytes) return fail(bytes.error());
    auto decoded = decode_dictionary(*bytes, bounds()[index_of(column)]);
    data_.reset();
    if (!decoded) return fail(damaged(column, decoded.error().message));
    entries = std::move(*decoded);
    loaded = true;
  }
  return entries;
}

Result<Codes> SealedColumns::codes(Column column) {
  const auto entries = dictionary(column);
  if (!entries) return fail(entries.error());
  auto& bytes = byte_codes_[coded_index_of(column)];
  auto& words = word_codes_[coded_index_of(column)];
  bool& loaded = loaded_[index_of(column)].data;
  if (!loaded) {
    const bool narrow = entries->size() <= byte_codes_max;
    bytes.resize(narrow ? chunk_positions : 0);
    words.resize(narrow ? 0 : chunk_positions);
    if (entries->size() == 1) {
      std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
    } else {
      const auto data = blob(data_key(column, number()));
      if (!data) return fail(data.error());
      auto decoded = narrow ? decode_codes(*data, entries->size(), std::span(bytes))
                            : decode_codes(*data, entries->size(), std::span(words));
      data_.reset();
      if (!decoded) return fail(damaged(column, decoded.error().message));
    }
    loaded = true;
  }
  return words.empty() ? Codes(bytes) : Codes(words);
}

Result<std::span<const std::int64_t>> SealedColumns::numbers(Column column) {
  auto& numbers = numbers_[index_of(column)];
  bool& loaded = loaded_[index_of(column)].data;
  if (!loaded) {
    const ColumnBounds& of_column = bounds()[index_of(column)];
    numbers.resize(chunk_positions);
    if (of_column.constant()) {
      std::fill(numbers.begin(), numbers.end(), of_column.min);
    } else {
      const auto bytes = blob(data_key(column, number()));
      if (!bytes) return fail(bytes.error());
      auto decoded = decode_numbers(*bytes, of_column, numbers);
      data_.reset();
      if (!decoded) return fail(damaged(column, decoded.error().message));
    }
    loaded = true;
  }
  return numbers;
}

Result<GramBitmap> SealedColumns::grams() {
  grams_.bind(1, number());
  const auto row = grams_.step();
  if (!row) return fail(row.error());
  auto bitmap = GramBitmap::decode(*row ? grams_.bytes(0) : std::string_view());
  grams_.reset();
  if (bitmap) return bitmap;
  return fail(ErrorCode::corrupt, "chunk " + std::to_string(number()) + " has " +
                                      bitmap.error().message +
                                      "; `agentaudit repair` makes it anew from the rows");
}

Result<bool> SealedColumns::may_hold_text(std::string_view needle) {
  const auto bitmap = grams();
  if (!bitmap) return fail(bitmap.error());
  return bitmap->may_hold(needle);
}

Result<bool> SealedColumns::may_hold_trace(std::uint32_t value) {
  data_.reset();
  data_.bind(1, trace_filter_key(value_filter_slice(value), number()));
  const auto row = data_.step();
  if (!row) return fail(row.error());
  const bool may = !*row || value_filter_may_hold(data_.bytes(0), value);
  data_.reset();
  return may;
}

Result<bool> SealedColumns::may_hold_all(const GramBitmap& grams) {
  const auto bitmap = this->grams();
  if (!bitmap) return fail(bitmap.error());
  return bitmap->holds(grams);
}

Result<std::vector<std::int64_t>> chunks_without_trace(SqliteConnection& connection,
                                                       std::uint32_t value, std::int64_t first,
                                                       std::int64_t last) {
  auto statement = connection.prepare("SELECT key, data FROM columns WHERE key BETWEEN ?1 AND ?2");
  if (!statement) return fail(statement.error());
  const std::size_t slice = value_filter_slice(value);
  statement->bind(1, trace_filter_key(slice, first));
  statement->bind(2, trace_filter_key(slice, last));
  std::vector<std::int64_t> chunks;
  auto read = for_each_row(*statement, [&](const SqliteStatement& row) -> Result<void> {
    if (!value_filter_may_hold(row.bytes(1), value)) {
      chunks.push_back(row.integer(0) - trace_filter_key(slice, 0));
    }
    return {};
  });
  if (!read) return fail(read.error());
  return chunks;
}

Result<ColumnValues> column_values(const SqliteStatement& row) {
  EventView event;
  event.id = row.integer(0);
  event.timestamp = Timestamp::from_ns(row.integer(1));
  event.duration = std::chrono::milliseconds(row.integer(2));
  NameIds names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = row.integer(column_values_names + static_cast<int>(i));
  }
  return column_values(row, event, names);
}

Result<ColumnValues> column_values(const SqliteStatement& row, const EventView& event,
                                   const NameIds& names) {
  ColumnValues values{.timestamp_ns = event.timestamp.ns(), .duration_ms = event.duration.count()};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] < 0 || names[i] > std::numeric_limits<std::uint32_t>::max()) {
      return fail(ErrorCode::corrupt, "event " + std::to_string(event.id) + " has the name " +
                                          std::to_string(names[i]) + ", which cannot be");
    }
    values.coded[i] = static_cast<std::uint32_t>(names[i]);
  }
  const std::string_view trace = row.bytes(column_values_trace);
  values.coded[coded_index_of(Column::trace)] =
      row.is_blob(column_values_trace) ? trace_value_of_bytes(trace) : trace_value_of_text(trace);
  return values;
}

Result<void> read_rows(SqliteConnection& connection, EventId first_id, EventId last_id,
                       ChunkBuilder& builder, GramBuilder* grams) {
  std::string sql = "SELECT ";
  sql += column_values_sql;
  if (grams != nullptr) sql += ", summary, detail";
  sql += " FROM events WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
  auto statement = connection.prepare(sql);
  if (!statement) return fail(statement.error());
  statement->bind(1, first_id);
  statement->bind(2, last_id);
  EventId next = first_id;
  auto read = for_each_row(*statement, [&](const SqliteStatement& row) -> Result<void> {
    for (const EventId id = row.integer(0); next < id; ++next) builder.append_deleted();
    const auto values = column_values(row);
    if (!values) return fail(values.error());
    builder.append(*values);
    ++next;
    if (grams == nullptr) return {};
    grams->add(row.bytes(column_values_end));
    grams->add(row.bytes(column_values_end + 1));
    return {};
  });
  if (!read) return read;
  for (; next <= last_id; ++next) builder.append_deleted();
  return {};
}

}  // namespace agentaudit
