#include "store/sqlite_writer.h"

#include <algorithm>
#include <limits>

#include "agentaudit/core/names.h"
#include "core/random_bytes.h"
#include "store/sqlite_row.h"

namespace agentaudit {
namespace {

constexpr std::size_t nonce_bytes = 32;
// No trail gets here by writing; a damaged one must not make the next id wrap around.
constexpr EventId id_max = std::numeric_limits<EventId>::max() / 2;

constexpr std::string_view last_event_sql =
    "SELECT id, recorded_at FROM events ORDER BY id DESC LIMIT 1";

constexpr std::string_view insert_event_sql =
    "INSERT INTO events(id, timestamp, recorded_at, duration_ms, summary, detail,"
    " trace_id, span_id, parent_span_id, nonce,"
    " category, action, agent, status, source, target, principal, conversation)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
constexpr int first_name_parameter = 11;

constexpr std::string_view insert_chunk_sql =
    "INSERT OR REPLACE INTO chunks(chunk, events, min_timestamp, max_timestamp)"
    " SELECT ?1, count(*), min(timestamp), max(timestamp)"
    " FROM events WHERE id BETWEEN ?2 AND ?3 HAVING count(*) > 0";

constexpr std::string_view insert_known_chunk_sql =
    "INSERT OR REPLACE INTO chunks(chunk, events, min_timestamp, max_timestamp)"
    " VALUES (?1, ?2, ?3, ?4)";

// Changes when another connection commits (https://www.sqlite.org/pragma.html).
constexpr std::string_view data_version_sql = "PRAGMA data_version";

}  // namespace

Result<SqliteWriter> SqliteWriter::make(SqliteConnection& connection) {
  Statements statements;
  for (const auto& [statement, sql] :
       {std::pair(&statements.last_event, last_event_sql),
        std::pair(&statements.insert_event, insert_event_sql),
        std::pair(&statements.data_version, data_version_sql),
        std::pair(&statements.insert_chunk, insert_chunk_sql),
        std::pair(&statements.insert_known_chunk, insert_known_chunk_sql)}) {
    auto prepared = connection.prepare(sql);
    if (!prepared) return fail(prepared.error());
    *statement = std::move(*prepared);
  }
  auto names = NameWriter::make(connection);
  if (!names) return fail(names.error());
  return SqliteWriter(connection, std::move(statements), std::move(*names));
}

Result<IdRange> SqliteWriter::append(std::span<const EventView> events) {
  auto transaction = SqliteTransaction::begin_write(*connection_);
  if (!transaction) return fail(transaction.error());
  auto range = append_in_transaction(events);
  if (range) {
    if (auto committed = transaction->commit(); !committed) range = fail(committed.error());
  }
  if (!range) {
    names_.forget();
    forget_open_chunk();
  }
  return range;
}

Result<IdRange> SqliteWriter::append_in_transaction(std::span<const EventView> events) {
  nonces_.resize(events.size() * nonce_bytes);
  if (auto filled = random_bytes(nonces_); !filled) return fail(filled.error());

  EventId last_id = 0;
  Timestamp recorded_at = Timestamp::now();
  const auto row = statements_.last_event.step();
  if (!row) return fail(row.error());
  if (*row) {
    last_id = statements_.last_event.integer(0);
    recorded_at = std::max(recorded_at, Timestamp::from_ns(statements_.last_event.integer(1)));
    statements_.last_event.reset();
    if (last_id > id_max) return fail(ErrorCode::corrupt, "the trail's last id is out of range");
  }

  const EventId first_id = last_id + 1;
  for (std::size_t i = 0; i < events.size(); ++i) {
    ++last_id;
    const std::string_view nonce(&nonces_[i * nonce_bytes], nonce_bytes);
    if (auto done = insert(events[i], last_id, recorded_at, nonce); !done) {
      return fail(done.error());
    }
    const Timestamp timestamp = events[i].timestamp.is_set() ? events[i].timestamp : recorded_at;
    if (auto done = note(last_id, timestamp); !done) return fail(done.error());
    if (last_id % sqlite_schema::chunk_events != 0) continue;
    if (auto done = complete_chunk(sqlite_schema::chunk_of(last_id)); !done) {
      return fail(done.error());
    }
  }
  return IdRange{.first = first_id, .last = last_id};
}

Result<void> SqliteWriter::insert(const EventView& event, EventId id, Timestamp recorded_at,
                                  std::string_view nonce) {
  SqliteStatement& statement = statements_.insert_event;
  const Timestamp timestamp = event.timestamp.is_set() ? event.timestamp : recorded_at;
  statement.bind(1, id);
  statement.bind(2, timestamp.ns());
  statement.bind(3, recorded_at.ns());
  statement.bind(4, event.duration.count());
  statement.bind_text(5, event.summary);
  statement.bind_text(6, event.detail);
  bind_hex_id(statement, 7, event.trace_id, trace_id_bytes, id_buffers_[0]);
  bind_hex_id(statement, 8, event.span_id, span_id_bytes, id_buffers_[1]);
  bind_hex_id(statement, 9, event.parent_span_id, span_id_bytes, id_buffers_[2]);
  statement.bind_blob(10, nonce);
  int parameter = first_name_parameter;
  for (const NameColumn& column : name_columns) {
    std::string_view name = event.*column.view;
    if (column.view == &EventView::status && name.empty()) name = status::ok;
    const auto name_id = names_.id_of(column.kind, name);
    if (!name_id) return fail(name_id.error());
    statement.bind(parameter++, *name_id);
  }
  return statement.run();
}

Result<std::int64_t> SqliteWriter::data_version() {
  const auto row = statements_.data_version.step();
  if (!row) return fail(row.error());
  const std::int64_t version = statements_.data_version.integer(0);
  statements_.data_version.reset();
  return version;
}

Result<void> SqliteWriter::note(EventId id, Timestamp timestamp) {
  if (id == sqlite_schema::first_id_of(sqlite_schema::chunk_of(id))) {
    const auto version = data_version();
    if (!version) return fail(version.error());
    open_chunk_ = {.next_id = id,
                   .data_version = *version,
                   .min_timestamp = timestamp,
                   .max_timestamp = timestamp};
  }
  if (id != open_chunk_.next_id) {
    open_chunk_ = {};
    return {};
  }
  ++open_chunk_.next_id;
  open_chunk_.min_timestamp = std::min(open_chunk_.min_timestamp, timestamp);
  open_chunk_.max_timestamp = std::max(open_chunk_.max_timestamp, timestamp);
  return {};
}

Result<void> SqliteWriter::complete_chunk(std::int64_t chunk) {
  const OpenChunk known = open_chunk_;
  open_chunk_ = {};
  const auto version = data_version();
  if (!version) return fail(version.error());
  if (known.next_id == sqlite_schema::last_id_of(chunk) + 1 && known.data_version == *version) {
    SqliteStatement& statement = statements_.insert_known_chunk;
    statement.bind(1, chunk);
    statement.bind(2, sqlite_schema::chunk_events);
    statement.bind(3, known.min_timestamp.ns());
    statement.bind(4, known.max_timestamp.ns());
    return statement.run();
  }
  // Others wrote part of it, or pruned in it: its rows say what it is.
  SqliteStatement& statement = statements_.insert_chunk;
  statement.bind(1, chunk);
  statement.bind(2, sqlite_schema::first_id_of(chunk));
  statement.bind(3, sqlite_schema::last_id_of(chunk));
  return statement.run();
}

}  // namespace agentaudit
