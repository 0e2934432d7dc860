#include "store/sqlite_prune.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/names.h"
#include "store/chunk_map.h"
#include "store/id_ranges.h"
#include "store/prune_scope.h"
#include "store/rest.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_sealer.h"
#include "store/sqlite_tree.h"
#include "store/trail_record.h"

namespace agentaudit {
namespace {

// A quarter of a chunk: some ten milliseconds of a writer's patience, when events are
// of the usual size. Large ones take longer to delete and make the next step shorter.
constexpr std::int64_t ids_per_step_max = sqlite_schema::chunk_events / 4;
constexpr std::int64_t ids_per_step_min = 16;
constexpr auto deletion_target = std::chrono::milliseconds(20);
// Free pages given back at a time; each may move one page from the end of the file.
constexpr std::int64_t pages_per_step = 256;

constexpr std::string_view delete_sql = "DELETE FROM events WHERE id BETWEEN ?1 AND ?2";
constexpr std::string_view kept_sql =
    "SELECT 1 FROM events WHERE id BETWEEN ?1 AND ?2 AND timestamp < ?3 LIMIT 1";
constexpr std::string_view unseal_sql =
    "UPDATE chunks SET bounds = NULL, deleted = NULL WHERE chunk = ?1 AND bounds IS NOT NULL";
constexpr std::string_view deleted_sql =
    "SELECT deleted FROM chunks WHERE chunk = ?1 AND bounds IS NOT NULL";
constexpr std::string_view set_deleted_sql = "UPDATE chunks SET deleted = ?2 WHERE chunk = ?1";
constexpr std::string_view shrink_chunk_sql =
    "UPDATE chunks SET events = events - ?2, min_timestamp = max(min_timestamp, ?3)"
    " WHERE chunk = ?1";
constexpr std::string_view drop_leaves_sql = "DELETE FROM tree WHERE key BETWEEN ?1 AND ?2";
constexpr std::string_view drop_chunk_sql = "DELETE FROM chunks WHERE chunk = ?1 AND events <= 0";

struct DoomedChunk {
  Chunk chunk;
  bool goes = false;  // with all of its events
};

class Prune {
 public:
  Prune(const PruneAccess& access, const PruneOpts& opts, std::stop_token stop)
      : access_(access), opts_(opts), stop_(std::move(stop)) {}

  Result<std::int64_t> run() {
    // What is deleted keeps its leaf.
    auto hashed = hash_all(access_.hash, opts_.keep_pace, {}, stop_);
    if (!hashed && hashed.error().code == ErrorCode::cancelled) hashed = stopped();
    if (!hashed) return fail(hashed.error());
    if (auto planned = plan(); !planned) return fail(planned.error());
    if (auto recorded = append_records(); !recorded) return fail(recorded.error());
    // Ids only grow, so all that the plan saw lies before the record.
    for (const DoomedChunk& chunk : chunks_) {
      if (auto pruned = prune_chunk(chunk); !pruned) return fail(pruned.error());
    }
    // Also where nothing was deleted: a prune that was stopped may have left free pages.
    if (auto given = give_space_back(); !given) return fail(given.error());
    return progress_.deleted;
  }

 private:
  // Which events are to be deleted. Step by step too: those that came late may lie in every
  // chunk.
  Result<void> plan() {
    std::vector<Chunk> candidates;
    auto read = step([&](SqliteConnection& connection) -> Result<void> {
      auto transaction = SqliteTransaction::begin_read(connection);
      if (!transaction) return fail(transaction.error());
      auto chunks = read_chunks_and_tail(connection);
      if (!chunks) return fail(chunks.error());
      candidates = std::move(*chunks);
      auto trail_id = sqlite_schema::trail_id(connection);
      if (!trail_id) return fail(trail_id.error());
      trail_id_ = std::move(*trail_id);
      return {};
    });
    if (!read) return read;
    for (const Chunk& chunk : candidates) {
      if (chunk.min_timestamp >= opts_.cutoff) continue;
      auto looked = step([&](SqliteConnection& connection) { return look_at(connection, chunk); });
      if (!looked) return looked;
    }
    return {};
  }

  Result<void> look_at(SqliteConnection& connection, const Chunk& chunk) {
    auto transaction = SqliteTransaction::begin_read(connection);
    if (!transaction) return fail(transaction.error());
    const auto scope = PruneScope::read(connection, opts_);
    if (!scope) return fail(scope.error());
    const auto old = scope->ids(chunk.first_id, chunk.last_id);
    if (!old) return fail(old.error());
    for (const EventId id : *old) add_id(ids_, id);
    if (!old->empty()) {
      progress_.total += chunk.last_id - chunk.first_id + 1;
      chunks_.push_back(
          {.chunk = chunk, .goes = static_cast<std::int64_t>(old->size()) == chunk.events});
      return {};
    }
    const auto held = scope->held(chunk.first_id, chunk.last_id);
    if (!held) return fail(held.error());
    progress_.held += *held;
    return {};
  }

  Result<void> prune_chunk(const DoomedChunk& doomed) {
    const Chunk& chunk = doomed.chunk;
    EventId first = chunk.first_id;
    while (first <= chunk.last_id) {
      // A step must not cross a chunk's border, because it corrects one row of `chunks`.
      const EventId last = std::min({chunk.last_id, first + ids_per_step_ - 1,
                                     sqlite_schema::last_id_of(sqlite_schema::chunk_of(first))});
      auto done =
          step([&](SqliteConnection& c) { return delete_ids(c, doomed.goes, first, last); });
      if (!done) return done;
      ids_per_step_ = deletion_took_ > deletion_target
                          ? std::max(ids_per_step_ / 2, ids_per_step_min)
                          : std::min(ids_per_step_ * 2, ids_per_step_max);
      progress_.scanned += last - first + 1;
      if (opts_.progress) opts_.progress(progress_);
      first = last + 1;
    }
    return {};
  }

  Result<void> append_records() {
    for (const Event& record : pruned_records(opts_, ids_, trail_id_)) {
      if (auto recorded = access_.append(record); !recorded) return fail(recorded.error());
    }
    return {};
  }

  Result<void> delete_ids(SqliteConnection& connection, bool chunk_goes, EventId first,
                          EventId last) {
    auto transaction = SqliteTransaction::begin_write(connection);
    if (!transaction) return fail(transaction.error());
    const auto started = std::chrono::steady_clock::now();
    // A hold may have come since the plan.
    const auto scope = PruneScope::read(connection, opts_);
    if (!scope) return fail(scope.error());
    const auto held = scope->held(first, last);
    if (!held) return fail(held.error());
    const auto deleted = delete_named(connection, *scope, first, last);
    if (!deleted) return fail(deleted.error());
    // Without the commit, whose sync takes its time however little it writes.
    deletion_took_ = std::chrono::steady_clock::now() - started;
    progress_.held += *held;
    const std::int64_t chunk = sqlite_schema::chunk_of(first);
    const bool ends_chunk = last == sqlite_schema::last_id_of(chunk);
    if (deleted->empty() && !ends_chunk) return {};
    if (auto dropped = drop_redactions(connection, first, last); !dropped) return dropped;
    if (auto counted = sqlite_schema::count_rewrite(connection); !counted) return counted;
    auto kept = chunk_goes ? unseal(connection, chunk) : mark_deleted(connection, chunk, *deleted);
    if (!kept) return kept;
    // The tail has no row, unless a writer completed its chunk meanwhile. After the last
    // step of a complete chunk nothing before the cutoff is left in it, but what stays.
    bool lift = ends_chunk;
    if (lift) {
      const auto keeps = keeps_old(connection, chunk);
      if (!keeps) return fail(keeps.error());
      lift = !*keeps;
    }
    auto shrink = connection.prepare(shrink_chunk_sql);
    if (!shrink) return fail(shrink.error());
    shrink->bind(1, chunk);
    shrink->bind(2, static_cast<std::int64_t>(deleted->size()));
    shrink->bind(3, lift ? opts_.cutoff.ns() : std::numeric_limits<std::int64_t>::min());
    if (auto done = shrink->run(); !done) return done;
    auto drop = connection.prepare(drop_chunk_sql);
    if (!drop) return fail(drop.error());
    drop->bind(1, chunk);
    if (auto done = drop->run(); !done) return done;
    if (connection.changes() > 0) {
      if (auto forgotten = forget_columns(connection, chunk); !forgotten) return forgotten;
      if (auto dropped = drop_leaves(connection, chunk); !dropped) return dropped;
    }
    if (auto committed = transaction->commit(); !committed) return committed;
    progress_.deleted += static_cast<std::int64_t>(deleted->size());
    return {};
  }

  // Nothing but what the records name: a hold may have been released since the plan.
  Result<std::vector<EventId>> delete_named(SqliteConnection& connection, const PruneScope& scope,
                                            EventId first, EventId last) const {
    auto ids = scope.ids(first, last);
    if (!ids) return ids;
    std::erase_if(*ids, [this](EventId id) { return !has_id(ids_, id); });
    IdRanges ranges;
    for (const EventId id : *ids) add_id(ranges, id);
    auto statement = connection.prepare(delete_sql);
    if (!statement) return fail(statement.error());
    for (const IdRange& range : ranges) {
      statement->bind(1, range.first);
      statement->bind(2, range.last);
      if (auto done = statement->run(); !done) return fail(done.error());
    }
    return ids;
  }

  Result<bool> keeps_old(SqliteConnection& connection, std::int64_t chunk) const {
    auto kept = connection.prepare(kept_sql);
    if (!kept) return fail(kept.error());
    kept->bind(1, sqlite_schema::first_id_of(chunk));
    kept->bind(2, sqlite_schema::last_id_of(chunk));
    kept->bind(3, opts_.cutoff.ns());
    return kept->step();
  }

  static Result<void> drop_redactions(SqliteConnection& connection, EventId first, EventId last) {
    auto drop = connection.prepare(
        "DELETE FROM redactions WHERE id BETWEEN ?1 AND ?2 AND"
        " NOT EXISTS (SELECT 1 FROM events WHERE events.id = redactions.id)");
    if (!drop) return fail(drop.error());
    drop->bind(1, first);
    drop->bind(2, last);
    return drop->run();
  }

  // The proofs of what is left need no leaf of a chunk that is wholly gone, only the hashes
  // above them.
  static Result<void> drop_leaves(SqliteConnection& connection, std::int64_t chunk) {
    const auto size = sqlite_tree::size(connection);
    // A damaged tree stays for `verify` to look at.
    if (!size && size.error().code == ErrorCode::corrupt) return {};
    if (!size) return fail(size.error());
    if (*size < static_cast<std::uint64_t>(sqlite_schema::last_id_of(chunk))) return {};
    auto drop = connection.prepare(drop_leaves_sql);
    if (!drop) return fail(drop.error());
    drop->bind(1, sqlite_tree::first_row_of_chunk(chunk));
    drop->bind(2, sqlite_tree::first_row_of_chunk(chunk + 1) - 1);
    return drop->run();
  }

  // Of a chunk that goes whole, so that no step need mark what is gone.
  static Result<void> unseal(SqliteConnection& connection, std::int64_t chunk) {
    auto statement = connection.prepare(unseal_sql);
    if (!statement) return fail(statement.error());
    statement->bind(1, chunk);
    if (auto done = statement->run(); !done) return done;
    return connection.changes() > 0 ? forget_columns(connection, chunk) : Result<void>();
  }

  // In a sealed chunk, whose columns stay as they are.
  static Result<void> mark_deleted(SqliteConnection& connection, std::int64_t chunk,
                                   const std::vector<EventId>& ids) {
    if (ids.empty()) return {};
    auto select = connection.prepare(deleted_sql);
    if (!select) return fail(select.error());
    select->bind(1, chunk);
    const auto row = select->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    Positions positions;
    if (!select->is_null(0)) {
      const auto before = decode_positions(select->bytes(0));
      if (!before) return fail(before.error());
      positions = *before;
    }
    for (const EventId id : ids) {
      positions.set(static_cast<std::size_t>(id - sqlite_schema::first_id_of(chunk)));
    }
    const std::string blob = encode_positions(positions);
    auto update = connection.prepare(set_deleted_sql);
    if (!update) return fail(update.error());
    update->bind(1, chunk);
    update->bind_blob(2, blob);
    return update->run();
  }

  Result<void> give_space_back() {
    bool more = true;
    while (more) {
      auto done = step([&](SqliteConnection& connection) -> Result<void> {
        const auto before = connection.integer("PRAGMA freelist_count");
        if (!before) return fail(before.error());
        // The pragma frees a page each time it is stepped.
        auto vacuum =
            connection.prepare("PRAGMA incremental_vacuum(" + std::to_string(pages_per_step) + ")");
        if (!vacuum) return fail(vacuum.error());
        if (auto freed = vacuum->run(); !freed) return freed;
        const auto after = connection.integer("PRAGMA freelist_count");
        if (!after) return fail(after.error());
        more = *after > 0 && *after < *before;
        return {};
      });
      if (!done) return done;
    }
    // Where readers hold the log, a later checkpoint ends it.
    return step([](SqliteConnection& connection) { return connection.truncate_log(); });
  }

  // One step with the store to itself, then a rest as long as the step took.
  Result<void> step(const std::function<Result<void>(SqliteConnection&)>& work) {
    if (stop_.stop_requested()) return stopped();
    auto done = access_.exclusive([&](SqliteConnection& connection) {
      const auto started = std::chrono::steady_clock::now();
      auto result = work(connection);
      took_ = std::chrono::steady_clock::now() - started;
      return result;
    });
    if (!done && done.error().code == ErrorCode::cancelled) return stopped();
    if (done && opts_.keep_pace) rest(stop_, took_);
    return done;
  }

  [[nodiscard]] Result<void> stopped() const {
    return fail(ErrorCode::cancelled, "prune was stopped after " +
                                          std::to_string(progress_.deleted) +
                                          " events; the next prune finishes it");
  }

  const PruneAccess& access_;
  const PruneOpts& opts_;
  std::stop_token stop_;
  std::vector<DoomedChunk> chunks_;
  IdRanges ids_;  // what goes
  std::string trail_id_;
  PruneProgress progress_;
  std::int64_t ids_per_step_ = ids_per_step_max;
  std::chrono::steady_clock::duration took_{};  // by the last step
  std::chrono::steady_clock::duration deletion_took_{};
};

}  // namespace

Result<std::int64_t> sqlite_prune(const PruneAccess& access, const PruneOpts& opts,
                                  std::stop_token stop) {
  return Prune(access, opts, std::move(stop)).run();
}

}  // namespace agentaudit
