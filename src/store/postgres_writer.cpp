#include "store/postgres_writer.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "agentaudit/core/names.h"
#include "core/random_bytes.h"
#include "ledger/leaf.h"
#include "store/new_events.h"
#include "store/postgres_sql.h"
#include "store/trail_record.h"

namespace agentaudit {
namespace {

using postgres_sql::bytea;
using postgres_sql::int64;

constexpr std::string_view copied_columns =
    "agentaudit_events(id, timestamp, recorded_at, category, action, agent, summary, detail, "
    "status, duration_ms, source, conversation, target, principal, trace_id, span_id, "
    "parent_span_id, nonce)";
constexpr int copied_columns_count = 18;

// The event as it is stored, with its id, time and status.
void append_row(std::string& out, const EventView& event, Timestamp recorded_at,
                std::string_view nonce) {
  using namespace postgres_sql;  // NOLINT(google-build-using-namespace)
  append_row_start(out, copied_columns_count);
  append_number(out, event.id);
  append_number(out, event.timestamp.ns());
  append_number(out, recorded_at.ns());
  for (const std::string_view text :
       {event.category, event.action, event.agent, event.summary, event.detail, event.status}) {
    append_text(out, text);
  }
  append_number(out, event.duration.count());
  for (const std::string_view text :
       {event.source, event.conversation_id, event.target, event.principal, event.trace_id,
        event.span_id, event.parent_span_id}) {
    append_text(out, text);
  }
  append_bytea(out, nonce);
}

}  // namespace

Result<void> PostgresWriter::begin() {
  sql_.clear();
  mark_ = {};
  return connection_->run("BEGIN");
}

Result<void> PostgresWriter::lock() {
  sql_.clear();
  counts_.forget();
  mark_ = {};
  if (auto begun = connection_->run("BEGIN"); !begun) return begun;
  const auto row = connection_->ask(
      "SELECT last_id, last_recorded_at, clock_behind FROM agentaudit_trail FOR UPDATE");
  if (row && row->size() == 1) {
    PostgresRows::Row columns = row->row(0);
    trail_.last_id = columns.number();
    trail_.last_recorded_at = Timestamp::from_ns(columns.number());
    trail_.clock_behind = columns.number();
    return {};
  }
  if (!row) return fail(row.error());
  return fail(ErrorCode::corrupt, "the table agentaudit_trail at " + connection_->server() +
                                      " has " + std::to_string(row->size()) + " rows instead of 1");
}

Result<void> PostgresWriter::commit() { return connection_->run(sql_ + "COMMIT"); }

void PostgresWriter::rollback() {
  ledger_.forget();
  months_.clear();
  if (!connection_->is_lost()) (void)connection_->run("ROLLBACK");
}

// The lock comes after a transaction that had it has ended. The leaf stays when the event is
// pruned or its text erased; a tree that is damaged gets no leaves, but the event has its nonce.
Result<bool> PostgresWriter::is_committed(const Mark& mark) {
  if (auto locked = lock(); !locked) return fail(locked.error());
  const auto leaf = static_cast<std::uint64_t>(mark.id - 1);
  const auto found = connection_->number(
      "SELECT EXISTS (SELECT FROM agentaudit_tiles WHERE level = 0 AND tile = " +
      std::to_string(leaf / tile_width) + " AND substring(hashes FROM " +
      std::to_string(leaf % tile_width * sizeof(Hash) + 1) + " FOR " +
      std::to_string(sizeof(Hash)) +
      ") = " + bytea({reinterpret_cast<const char*>(mark.leaf.data()), mark.leaf.size()}) +
      ") OR EXISTS (SELECT FROM agentaudit_events WHERE id = " + int64(mark.id) +
      " AND nonce = " + bytea(mark.nonce) + ")");
  if (!found) return fail(found.error());
  // A server that was killed may have kept what no standby has yet. This commit comes after it.
  if (auto committed = commit(); !committed) return fail(committed.error());
  return *found != 0;
}

Result<IdRange> PostgresWriter::append(std::span<const EventView> events) {
  if (auto locked = lock(); !locked) return fail(locked.error());
  return append_in_lock(events, {});
}

Result<InsertedNew> PostgresWriter::append_new(std::span<const KeyedView> events) {
  if (auto locked = lock(); !locked) return fail(locked.error());
  std::string keys;
  for (const KeyedView& keyed : events) {
    if (keyed.origin_key.empty()) continue;
    keys.append(keys.empty() ? "" : ", ").append(bytea(keyed.origin_key));
  }
  std::unordered_map<std::string, EventId> known;
  if (!keys.empty()) {
    const auto rows = connection_->ask(
        "SELECT origin_key, id FROM agentaudit_origins WHERE origin_key IN (" + keys + ")");
    if (!rows) return fail(rows.error());
    for (int i = 0; i < rows->size(); ++i) {
      PostgresRows::Row columns = rows->row(i);
      const std::string_view key = columns.bytes();
      known.emplace(key, columns.number());
    }
  }
  auto found = NewEvents::find(events, [&](std::string_view key) -> Result<EventId> {
    const auto there = known.find(std::string(key));
    return there == known.end() ? 0 : there->second;
  });
  if (!found) return fail(found.error());
  if (found->events().empty()) return std::move(*found).inserted({});
  const auto ids = append_in_lock(found->events(), found->keys());
  if (!ids) return fail(ids.error());
  return std::move(*found).inserted(*ids);
}

Result<IdRange> PostgresWriter::append_in_lock(std::span<const EventView> events, Keys keys) {
  const Timestamp now = Timestamp::now();
  auto begun = ledger_.begin(*connection_, static_cast<std::uint64_t>(trail_.last_id));
  if (!begun) return fail(begun.error());
  if (auto noted = note_clock(now); !noted) return fail(noted.error());
  const EventId first_id = trail_.last_id + 1;
  if (auto stored = store(events, now); !stored) return fail(stored.error());
  add_origins(keys, first_id);
  ledger_.finish(sql_);
  if (auto counted = counts_.finish(*connection_, sql_); !counted) return fail(counted.error());
  sql_ += "UPDATE agentaudit_trail SET last_id = " + int64(trail_.last_id) +
          ", last_recorded_at = " + int64(trail_.last_recorded_at.ns()) +
          ", clock_behind = " + int64(trail_.clock_behind) + ";NOTIFY agentaudit, '" +
          std::to_string(trail_.last_id) + "';";
  return IdRange{.first = first_id, .last = trail_.last_id};
}

// As long as the clock is behind, what is recorded has the time of the last event before.
Result<void> PostgresWriter::note_clock(Timestamp now) {
  const Timestamp last = trail_.last_recorded_at;
  if (trail_.last_id == 0 || !is_set_back(last, now) || trail_.clock_behind == last.ns()) return {};
  trail_.clock_behind = last.ns();
  const Event record = clock_record(last, now);
  const EventView view(record);
  return store({&view, 1}, now);
}

Result<void> PostgresWriter::store(std::span<const EventView> events, Timestamp now) {
  if (auto added = add_months(events, now); !added) return added;
  std::vector<char> nonces(events.size() * nonce_bytes);
  if (auto filled = random_bytes(nonces); !filled) return filled;
  const Timestamp recorded_at = std::max(trail_.last_recorded_at, now);
  std::size_t i = 0;
  std::string entry;
  auto copied = connection_->copy(std::string(copied_columns), [&](std::string& buffer) {
    if (i == events.size()) return false;
    EventView event = events[i];
    event.id = trail_.last_id + 1;
    if (!event.timestamp.is_set()) event.timestamp = now;
    if (event.status.empty()) event.status = status::ok;
    const std::string_view nonce(&nonces[i * nonce_bytes], nonce_bytes);
    append_row(buffer, event, recorded_at, nonce);
    entry.clear();
    append_entry(entry, event, recorded_at, commitments_of(event, nonce));
    const Hash leaf = leaf_hash(entry);
    if (mark_.id == 0) mark_ = {.id = event.id, .leaf = leaf, .nonce = std::string(nonce)};
    ledger_.add(leaf);
    counts_.add(event);
    ++trail_.last_id;
    ++i;
    return true;
  });
  if (!copied) return copied;
  trail_.last_recorded_at = recorded_at;
  return {};
}

// False: a reader is in the way, or this role may not; until the next time the month's events go
// where all the rest is.
Result<bool> PostgresWriter::ensure_month(const postgres_schema::Month& month) {
  const auto there = connection_->number("SELECT count(*) FROM pg_class WHERE oid = to_regclass('" +
                                         month.name + "')");
  if (!there) return fail(there.error());
  if (*there > 0) return true;
  if (auto saved = connection_->run("SAVEPOINT month"); !saved) return fail(saved.error());
  const auto added = postgres_schema::add_month(*connection_, month);
  if (added) return true;
  if (added.error().code != ErrorCode::permission && added.error().code != ErrorCode::busy) {
    return fail(added.error());
  }
  if (auto undone = connection_->run("ROLLBACK TO SAVEPOINT month"); !undone) {
    return fail(undone.error());
  }
  return false;
}

Result<void> PostgresWriter::add_months(std::span<const EventView> events, Timestamp now) {
  postgres_schema::Month month;
  for (const EventView& event : events) {
    const Timestamp timestamp = event.timestamp.is_set() ? event.timestamp : now;
    if (timestamp.ns() >= month.first && timestamp.ns() < month.end) continue;
    auto found = postgres_schema::month_of(timestamp, now);
    if (!found) continue;
    month = std::move(*found);
    const auto looked = std::chrono::steady_clock::now();
    if (const auto next = months_.find(month.first);
        next != months_.end() && next->second > looked) {
      continue;
    }
    const auto added = ensure_month(month);
    if (!added) return fail(added.error());
    months_[month.first] =
        *added ? std::chrono::steady_clock::time_point::max() : looked + std::chrono::minutes(1);
  }
  return {};
}

void PostgresWriter::add_origins(Keys keys, EventId first_id) {
  std::string_view before = "INSERT INTO agentaudit_origins(origin_key, id) VALUES (";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].empty()) continue;
    sql_.append(before).append(bytea(keys[i])).append(", ");
    sql_.append(int64(first_id + static_cast<EventId>(i))).append(")");
    before = ", (";
  }
  if (before.front() == ',') sql_ += ';';
}

}  // namespace agentaudit
