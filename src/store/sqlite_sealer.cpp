#include "store/sqlite_sealer.h"

#include "store/sqlite_columns.h"
#include "store/value_filter.h"

namespace agentaudit {
namespace {

constexpr std::string_view insert_chunk_sql =
    "INSERT OR REPLACE INTO chunks(chunk, events, min_timestamp, max_timestamp, bounds, deleted)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr std::string_view insert_unsealed_sql =
    "INSERT OR REPLACE INTO chunks(chunk, events, min_timestamp, max_timestamp)"
    " SELECT ?1, count(*), min(timestamp), max(timestamp)"
    " FROM events WHERE id BETWEEN ?2 AND ?3 HAVING count(*) > 0";
// The parts of one chunk lie apart, each beside the same part of the others.
constexpr std::string_view delete_columns_sql =
    "WITH RECURSIVE parts(part) AS (SELECT 1 UNION ALL SELECT part + 1 FROM parts WHERE part < 79)"
    " DELETE FROM columns WHERE key IN (SELECT part << 40 | ?1 FROM parts)";
static_assert(trace_filter_key(value_filter_slices - 1, 0) == std::int64_t{79} << 40);

}  // namespace

Result<SqliteSealer> SqliteSealer::make(SqliteConnection& connection) {
  Statements statements;
  for (const auto& [statement, sql] :
       {std::pair(&statements.insert_chunk, insert_chunk_sql),
        std::pair(&statements.insert_unsealed, insert_unsealed_sql),
        std::pair(&statements.insert_column,
                  std::string_view("INSERT OR REPLACE INTO columns(key, data) VALUES (?1, ?2)")),
        std::pair(&statements.insert_grams,
                  std::string_view("INSERT OR REPLACE INTO grams(chunk, three) VALUES (?1, ?2)")),
        std::pair(&statements.delete_chunk,
                  std::string_view("DELETE FROM chunks WHERE chunk = ?1")),
        std::pair(&statements.delete_columns, delete_columns_sql),
        std::pair(&statements.delete_grams, std::string_view("DELETE FROM grams WHERE chunk = ?1")),
        std::pair(&statements.oldest_unsealed,
                  std::string_view("SELECT min(chunk) FROM chunks WHERE bounds IS NULL")),
        std::pair(&statements.count_unsealed,
                  std::string_view("SELECT count(*) FROM chunks WHERE bounds IS NULL"))}) {
    auto prepared = connection.prepare(sql);
    if (!prepared) return fail(prepared.error());
    *statement = std::move(*prepared);
  }
  auto names = NameReader::make(connection);
  if (!names) return fail(names.error());
  return SqliteSealer(connection, std::move(statements), std::move(*names));
}

Result<void> SqliteSealer::seal(std::int64_t chunk, const BuiltChunk& built, GramBuilder& grams) {
  for (const DictionaryEntry& target : built.dictionaries[coded_index_of(Column::target)]) {
    const auto name = names_.name_of(target.value);
    if (!name) return fail(name.error());
    grams.add(*name);
  }
  for (const Column column : number_columns) {
    const ColumnBounds& bounds = built.bounds[index_of(column)];
    if (bounds.constant()) continue;
    const std::string data = encode_numbers(built.numbers[index_of(column)], bounds);
    if (auto written = write_column(data_key(column, chunk), data); !written) return written;
  }
  for (const Column column : coded_columns) {
    const auto& dictionary = built.dictionaries[coded_index_of(column)];
    const std::string entries = encode_dictionary(dictionary);
    if (auto written = write_column(dictionary_key(column, chunk), entries); !written) {
      return written;
    }
    if (dictionary.size() == 1) continue;
    const std::string codes = encode_codes(built.codes[coded_index_of(column)], dictionary.size());
    if (auto written = write_column(data_key(column, chunk), codes); !written) return written;
  }
  if (auto written = write_trace_filter(chunk, built); !written) return written;
  const std::string three = grams.bitmap().encode();
  statements_.insert_grams.bind(1, chunk);
  statements_.insert_grams.bind_blob(2, three);
  if (auto written = statements_.insert_grams.run(); !written) return written;

  const std::string bounds = encode_bounds(built.bounds);
  const std::string deleted = built.deleted.any() ? encode_positions(built.deleted) : "";
  const ColumnBounds& timestamps = built.bounds[index_of(Column::timestamp)];
  SqliteStatement& insert = statements_.insert_chunk;
  insert.bind(1, chunk);
  insert.bind(2, built.events);
  insert.bind(3, timestamps.min);
  insert.bind(4, timestamps.max);
  insert.bind_blob(5, bounds);
  if (deleted.empty()) {
    insert.bind_null(6);
  } else {
    insert.bind_blob(6, deleted);
  }
  return insert.run();
}

Result<void> SqliteSealer::seal_from_rows(std::int64_t chunk) {
  ChunkBuilder builder;
  GramBuilder grams;
  auto read = read_rows(*connection_, sqlite_schema::first_id_of(chunk),
                        sqlite_schema::last_id_of(chunk), builder, &grams);
  if (!read) return read;
  if (auto counted = sqlite_schema::count_rewrite(*connection_); !counted) return counted;
  // What stood there before may have had data where now it has none.
  if (auto forgotten = forget(chunk); !forgotten) return forgotten;
  const BuiltChunk built = builder.build();
  if (built.events == 0) return {};
  return seal(chunk, built, grams);
}

Result<void> SqliteSealer::leave_unsealed(std::int64_t chunk) {
  SqliteStatement& statement = statements_.insert_unsealed;
  statement.bind(1, chunk);
  statement.bind(2, sqlite_schema::first_id_of(chunk));
  statement.bind(3, sqlite_schema::last_id_of(chunk));
  return statement.run();
}

Result<std::optional<std::int64_t>> SqliteSealer::oldest_unsealed() {
  const auto row = statements_.oldest_unsealed.step();
  if (!row) return fail(row.error());
  std::optional<std::int64_t> chunk;
  if (*row && !statements_.oldest_unsealed.is_null(0)) {
    chunk = statements_.oldest_unsealed.integer(0);
  }
  statements_.oldest_unsealed.reset();
  return chunk;
}

Result<std::int64_t> SqliteSealer::unsealed_chunks() {
  const auto row = statements_.count_unsealed.step();
  if (!row) return fail(row.error());
  const std::int64_t chunks = statements_.count_unsealed.integer(0);
  statements_.count_unsealed.reset();
  return chunks;
}

Result<void> SqliteSealer::forget(std::int64_t chunk) {
  for (SqliteStatement* const statement :
       {&statements_.delete_chunk, &statements_.delete_columns, &statements_.delete_grams}) {
    statement->bind(1, chunk);
    if (auto done = statement->run(); !done) return done;
  }
  return {};
}

// One trace, or none, is known by its bounds.
Result<void> SqliteSealer::write_trace_filter(std::int64_t chunk, const BuiltChunk& built) {
  const auto& traces = built.dictionaries[coded_index_of(Column::trace)];
  if (traces.size() == 1) return {};
  const auto slices = encode_value_filter(traces);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    if (auto written = write_column(trace_filter_key(i, chunk), slices[i]); !written) {
      return written;
    }
  }
  return {};
}

Result<void> SqliteSealer::write_column(std::int64_t key, std::string_view data) {
  statements_.insert_column.bind(1, key);
  statements_.insert_column.bind_blob(2, data);
  return statements_.insert_column.run();
}

Result<void> forget_columns(SqliteConnection& connection, std::int64_t chunk) {
  for (const std::string_view sql :
       {delete_columns_sql, std::string_view("DELETE FROM grams WHERE chunk = ?1")}) {
    auto statement = connection.prepare(sql);
    if (!statement) return fail(statement.error());
    statement->bind(1, chunk);
    if (auto done = statement->run(); !done) return done;
  }
  return {};
}

}  // namespace agentaudit
