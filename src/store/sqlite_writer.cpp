#include "store/sqlite_writer.h"

#include <algorithm>
#include <limits>

#include "agentaudit/core/names.h"
#include "core/out_of_memory.h"
#include "core/random_bytes.h"
#include "ledger/leaf.h"
#include "store/new_events.h"
#include "store/sqlite_row.h"
#include "store/trail_record.h"

namespace agentaudit {
namespace {

// A statement inserts so many at most: enough that its start and end cost little, and few
// enough (150 KiB) to stay in the processor's caches from one step to the next.
constexpr std::size_t rows_max = 512;
// Of events that have no leaf yet, so many get theirs with each batch: some milliseconds
// of it. A process that writes once has less time.
constexpr std::size_t backlog_per_batch = 2'048;
constexpr std::size_t backlog_per_one_shot = 256;
// No trail gets here by writing; a damaged one must not make the next id wrap around.
constexpr EventId id_max = std::numeric_limits<EventId>::max() / 2;

constexpr std::string_view last_event_sql =
    "SELECT id, recorded_at FROM events ORDER BY id DESC LIMIT 1";

// Changes when another connection commits (https://www.sqlite.org/pragma.html).
constexpr std::string_view data_version_sql = "PRAGMA data_version";

ColumnValues values_of(const NewRow& row) {
  ColumnValues values{.timestamp_ns = row.timestamp_ns, .duration_ms = row.event->duration.count()};
  std::copy(row.names.begin(), row.names.end(), values.coded.begin());
  values.coded[coded_index_of(Column::trace)] = row.trace_id.is_bytes()
                                                    ? trace_value_of_bytes(row.trace_id.value())
                                                    : trace_value_of_text(row.trace_id.value());
  return values;
}

}  // namespace

Result<SqliteWriter> SqliteWriter::make(SqliteConnection& connection, bool seals, bool proves) {
  Statements statements;
  for (const auto& [statement, sql] : {std::pair(&statements.last_event, last_event_sql),
                                       std::pair(&statements.data_version, data_version_sql)}) {
    auto prepared = connection.prepare(sql);
    if (!prepared) return fail(prepared.error());
    *statement = std::move(*prepared);
  }
  auto new_rows = NewRows::make(connection);
  if (!new_rows) return fail(new_rows.error());
  auto names = NameWriter::make(connection);
  if (!names) return fail(names.error());
  auto sealer = SqliteSealer::make(connection);
  if (!sealer) return fail(sealer.error());
  std::optional<SqliteLedger> ledger;
  if (proves) {
    auto made = SqliteLedger::make(connection);
    if (!made) return fail(made.error());
    ledger = std::move(*made);
  }
  return SqliteWriter(connection, std::move(statements), std::move(*new_rows), std::move(*names),
                      std::move(*sealer), std::move(ledger), seals);
}

template <typename T, typename Work>
Result<T> SqliteWriter::transact(const Work& work) {
  auto transaction = SqliteTransaction::begin_write(*connection_);
  if (!transaction) return fail(transaction.error());
  const bool was_open = session_ && session_->is_open();
  Result<T> result = or_out_of_memory(work);
  if (result) {
    if (auto committed = transaction->commit(); !committed) result = fail(committed.error());
  }
  if (!result) {
    forget();
    if (session_ && !was_open) session_->forget();
  }
  return result;
}

void SqliteWriter::forget() noexcept {
  names_.forget();
  sealer_.forget_names();
  if (ledger_) ledger_->forget();
  forget_open_chunk();
}

Result<IdRange> SqliteWriter::append(std::span<const EventView> events, const Beside& beside) {
  return transact<IdRange>([&]() -> Result<IdRange> {
    auto range = append_in_transaction(events, {});
    if (!range || !beside) return range;
    if (auto done = beside(*range); !done) return fail(done.error());
    return range;
  });
}

Result<InsertedNew> SqliteWriter::append_new(std::span<const KeyedView> events) {
  return transact<InsertedNew>([&]() -> Result<InsertedNew> {
    auto found =
        NewEvents::find(events, [this](std::string_view key) { return id_of_origin(key); });
    if (!found) return fail(found.error());
    if (found->events().empty()) return std::move(*found).inserted({});
    const auto range = append_in_transaction(found->events(), found->keys());
    if (!range) return fail(range.error());
    return std::move(*found).inserted(*range);
  });
}

Result<EventId> SqliteWriter::id_of_origin(std::string_view key) {
  if (!select_origin_) {
    auto select = connection_->prepare("SELECT id FROM events WHERE origin_key = ?1");
    if (!select) return fail(select.error());
    select_origin_ = std::move(*select);
  }
  select_origin_->bind_blob(1, key);
  const auto row = select_origin_->step();
  if (!row) return fail(row.error());
  const EventId id = *row ? select_origin_->integer(0) : 0;
  select_origin_->reset();
  return id;
}

Result<std::int64_t> SqliteWriter::hash_backlog(std::size_t events_max) {
  if (!ledger_) return 0;
  auto transaction = SqliteTransaction::begin_write(*connection_);
  if (!transaction) return fail(transaction.error());
  const auto hash = [&]() -> Result<std::int64_t> {
    const auto last = this->last();
    if (!last) return fail(last.error());
    if (auto begun = ledger_->begin(last->id, events_max); !begun) return fail(begun.error());
    const std::int64_t left = ledger_->backlog(last->id);
    if (auto finished = ledger_->finish(last->id); !finished) return fail(finished.error());
    if (auto committed = transaction->commit(); !committed) return fail(committed.error());
    return left;
  };
  auto left = hash();
  if (!left) ledger_->forget();
  return left;
}

Result<void> SqliteWriter::end_session() {
  if (!session_ || !session_->is_open()) return {};
  const Event closing = session_->closing();
  const EventView view(closing);
  const auto closed = append({&view, 1}, [this](IdRange /*ids*/) { return session_->close(); });
  if (!closed) return fail(closed.error());
  session_->forget();
  return {};
}

Result<IdRange> SqliteWriter::append_in_transaction(std::span<const EventView> events, Keys keys) {
  const Timestamp now = Timestamp::now();
  auto last = this->last();
  if (!last) return fail(last.error());
  if (ledger_) {
    const auto id = ledger_->begin(last->id, seals_ ? backlog_per_batch : backlog_per_one_shot);
    if (!id) return fail(id.error());
    last->id = *id;
  }
  const auto own = own_events(*last, now);
  if (!own) return fail(own.error());
  const Clock clock{.now = now, .recorded_at = std::max(last->recorded_at, now)};
  EventId next_id = last->id + 1;
  if (!own->empty()) {
    const std::vector<EventView> views(own->begin(), own->end());
    if (auto stored = store(views, {}, next_id, clock); !stored) return fail(stored.error());
  }
  IdRange ids{.first = next_id, .last = 0};
  if (auto stored = store(events, keys, next_id, clock); !stored) return fail(stored.error());
  ids.last = next_id - 1;
  auto finished =
      ledger_ ? ledger_->finish(ids.last) : sqlite_tree::note_backlog(*connection_, ids.last);
  if (!finished) return fail(finished.error());
  return ids;
}

Result<std::vector<Event>> SqliteWriter::own_events(Last last, Timestamp now) {
  std::vector<Event> events;
  if (last.id > 0 && is_set_back(last.recorded_at, now)) {
    // As long as the clock is behind, what is recorded has this one time.
    const auto noted = connection_->integer("SELECT value FROM trail WHERE key = 'clock_behind'");
    if (!noted && noted.error().code != ErrorCode::not_found) return fail(noted.error());
    if (!noted || *noted != last.recorded_at.ns()) {
      auto note = connection_->prepare(
          "INSERT OR REPLACE INTO trail(key, value) VALUES ('clock_behind', ?1)");
      if (!note) return fail(note.error());
      note->bind(1, last.recorded_at.ns());
      if (auto written = note->run(); !written) return fail(written.error());
      events.push_back(clock_record(last.recorded_at, now));
    }
  }
  if (session_ && !session_->is_open()) {
    auto opening = session_->open(last.id + 1 + static_cast<EventId>(events.size()));
    if (!opening) return fail(opening.error());
    events.insert(events.end(), opening->begin(), opening->end());
  }
  return events;
}

Result<void> SqliteWriter::store(std::span<const EventView> events, Keys keys, EventId& next_id,
                                 const Clock& clock) {
  while (!events.empty()) {
    const EventId last_of_chunk = sqlite_schema::last_id_of(sqlite_schema::chunk_of(next_id));
    const auto left_in_chunk = static_cast<std::size_t>(last_of_chunk - next_id + 1);
    const auto some = events.first(std::min({events.size(), rows_max, left_in_chunk}));
    const auto some_keys = keys.first(std::min(keys.size(), some.size()));
    if (auto done = insert(some, some_keys, next_id, clock); !done) return done;
    if (auto done = keep(rows_); !done) return done;
    events = events.subspan(some.size());
    keys = keys.subspan(std::min(keys.size(), some.size()));
    next_id += static_cast<EventId>(some.size());
    if (some.size() < left_in_chunk) continue;
    if (auto done = complete_chunk(sqlite_schema::chunk_of(last_of_chunk)); !done) return done;
  }
  return {};
}

Result<SqliteWriter::Last> SqliteWriter::last() {
  Last last;
  const auto row = statements_.last_event.step();
  if (!row) return fail(row.error());
  if (!*row) return last;
  last.id = statements_.last_event.integer(0);
  last.recorded_at = Timestamp::from_ns(statements_.last_event.integer(1));
  statements_.last_event.reset();
  if (last.id > id_max) return fail(ErrorCode::corrupt, "the trail's last id is out of range");
  return last;
}

Result<void> SqliteWriter::insert(std::span<const EventView> events, Keys keys, EventId first_id,
                                  const Clock& clock) {
  nonces_.resize(events.size() * nonce_bytes);
  if (auto filled = random_bytes(nonces_); !filled) return filled;
  rows_.resize(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const EventView& event = events[i];
    NewRow& row = rows_[i];
    row.event = &event;
    row.id = first_id + static_cast<EventId>(i);
    row.timestamp_ns = (event.timestamp.is_set() ? event.timestamp : clock.now).ns();
    row.recorded_at_ns = clock.recorded_at.ns();
    row.trace_id.assign(event.trace_id);
    row.span_id.assign(event.span_id);
    row.parent_span_id.assign(event.parent_span_id);
    row.nonce = std::string_view(&nonces_[i * nonce_bytes], nonce_bytes);
    row.origin_key = i < keys.size() ? keys[i] : std::string_view();
    if (auto named = name(event, row); !named) return named;
  }
  if (!ledger_) return new_rows_.insert(rows_);
  ledger_->hash(rows_);
  if (auto inserted = new_rows_.insert(rows_); !inserted) return inserted;
  return ledger_->append();
}

Result<void> SqliteWriter::name(const EventView& event, NewRow& row) {
  for (std::size_t i = 0; i < name_columns.size(); ++i) {
    const NameColumn& column = name_columns[i];
    std::string_view name = event.*column.view;
    if (column.view == &EventView::status && name.empty()) name = status::ok;
    const auto id = names_.id_of(column.kind, name);
    if (!id) return fail(id.error());
    row.names[i] = *id;
  }
  return {};
}

Result<std::int64_t> SqliteWriter::data_version() {
  const auto row = statements_.data_version.step();
  if (!row) return fail(row.error());
  const std::int64_t version = statements_.data_version.integer(0);
  statements_.data_version.reset();
  return version;
}

Result<void> SqliteWriter::keep(std::span<const NewRow> rows) {
  if (!seals_) return {};
  const EventId first_id = rows.front().id;
  if (first_id == sqlite_schema::first_id_of(sqlite_schema::chunk_of(first_id))) {
    const auto version = data_version();
    if (!version) return fail(version.error());
    forget_open_chunk();
    open_chunk_.next_id = first_id;
    open_chunk_.data_version = *version;
  }
  if (first_id != open_chunk_.next_id) {
    forget_open_chunk();
    return {};
  }
  for (const NewRow& row : rows) {
    open_chunk_.columns.append(values_of(row));
    open_chunk_.grams.add(row.event->summary);
    open_chunk_.grams.add(row.event->detail);
  }
  open_chunk_.next_id = rows.back().id + 1;
  return {};
}

void SqliteWriter::forget_open_chunk() noexcept {
  open_chunk_.next_id = 0;
  open_chunk_.columns.clear();
  open_chunk_.grams.clear();
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
