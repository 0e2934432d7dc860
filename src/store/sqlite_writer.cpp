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

// Changes when another connection commits (https://www.sqlite.org/pragma.html).
constexpr std::string_view data_version_sql = "PRAGMA data_version";

}  // namespace

Result<SqliteWriter> SqliteWriter::make(SqliteConnection& connection, bool seals) {
  Statements statements;
  for (const auto& [statement, sql] : {std::pair(&statements.last_event, last_event_sql),
                                       std::pair(&statements.insert_event, insert_event_sql),
                                       std::pair(&statements.data_version, data_version_sql)}) {
    auto prepared = connection.prepare(sql);
    if (!prepared) return fail(prepared.error());
    *statement = std::move(*prepared);
  }
  auto names = NameWriter::make(connection);
  if (!names) return fail(names.error());
  auto sealer = SqliteSealer::make(connection);
  if (!sealer) return fail(sealer.error());
  return SqliteWriter(connection, std::move(statements), std::move(*names), std::move(*sealer),
                      seals);
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
    sealer_.forget_names();
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
    if (auto done = keep(events[i], last_id); !done) return fail(done.error());
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
  values_.timestamp_ns = timestamp.ns();
  values_.duration_ms = event.duration.count();
  statement.bind(1, id);
  statement.bind(2, timestamp.ns());
  statement.bind(3, recorded_at.ns());
  statement.bind(4, event.duration.count());
  statement.bind_text(5, event.summary);
  statement.bind_text(6, event.detail);
  values_.coded[coded_index_of(Column::trace)] =
      bind_hex_id(statement, 7, event.trace_id, trace_id_bytes, id_buffers_[0])
          ? trace_value_of_bytes(id_buffers_[0])
          : trace_value_of_text(event.trace_id);
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
    values_.coded[coded_index_of(column_of(column.kind))] = static_cast<std::uint32_t>(*name_id);
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

Result<void> SqliteWriter::keep(const EventView& event, EventId id) {
  if (!seals_) return {};
  if (id == sqlite_schema::first_id_of(sqlite_schema::chunk_of(id))) {
    const auto version = data_version();
    if (!version) return fail(version.error());
    forget_open_chunk();
    open_chunk_.next_id = id;
    open_chunk_.data_version = *version;
  }
  if (id != open_chunk_.next_id) {
    forget_open_chunk();
    return {};
  }
  ++open_chunk_.next_id;
  open_chunk_.columns.append(values_);
  open_chunk_.grams.add(event.summary);
  open_chunk_.grams.add(event.detail);
  return {};
}

void SqliteWriter::forget_open_chunk() noexcept {
  open_chunk_.next_id = 0;
  open_chunk_.columns.clear();
  open_chunk_.grams = {};
}

Result<void> SqliteWriter::complete_chunk(std::int64_t chunk) {
  if (!seals_) {
    if (auto left = sealer_.leave_unsealed(chunk); !left) return left;
    const auto waiting = sealer_.unsealed_chunks();
    if (!waiting) return fail(waiting.error());
    return *waiting < 2 ? Result<void>() : seal_oldest();
  }
  const auto version = data_version();
  if (!version) return fail(version.error());
  // Where others wrote part of it, or pruned in it, its rows say what it is.
  const bool known = open_chunk_.next_id == sqlite_schema::last_id_of(chunk) + 1 &&
                     open_chunk_.data_version == *version;
  // Others, who may not seal, write too.
  look_for_unsealed_ = look_for_unsealed_ || !known;
  auto sealed = known ? sealer_.seal(chunk, open_chunk_.columns.build(), open_chunk_.grams)
                      : sealer_.seal_from_rows(chunk);
  forget_open_chunk();
  return sealed;
}

void SqliteWriter::seal_at_leisure() {
  constexpr int rests = 9;
  constexpr auto rest_after_failure = std::chrono::seconds(1);
  const auto started = std::chrono::steady_clock::now();
  if (!seals_ || !look_for_unsealed_ || started < next_seal_) return;
  const auto chunk = sealer_.oldest_unsealed();
  if (chunk && !*chunk) {
    look_for_unsealed_ = false;
    return;
  }
  Result<void> sealed = chunk ? Result<void>() : fail(chunk.error());
  if (sealed) {
    auto transaction = SqliteTransaction::begin_write(*connection_);
    sealed = transaction ? sealer_.seal_from_rows(**chunk) : fail(transaction.error());
    if (sealed) sealed = transaction->commit();
  }
  const auto now = std::chrono::steady_clock::now();
  next_seal_ = now + (now - started) * rests;
  if (sealed) return;
  sealer_.forget_names();
  next_seal_ = now + rest_after_failure;
}

Result<void> SqliteWriter::seal_oldest() {
  const auto chunk = sealer_.oldest_unsealed();
  if (!chunk) return fail(chunk.error());
  return *chunk ? sealer_.seal_from_rows(**chunk) : Result<void>();
}

}  // namespace agentaudit
