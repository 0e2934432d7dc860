#include "store/sqlite_prune.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/names.h"
#include "store/chunk_map.h"
#include "store/rest.h"
#include "store/sqlite_scan.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_sealer.h"

namespace agentaudit {
namespace {

// A quarter of a chunk: some ten milliseconds of a writer's patience, when events are
// of the usual size. Large ones take longer to delete and make the next step shorter.
constexpr std::int64_t ids_per_step_max = sqlite_schema::chunk_events / 4;
constexpr std::int64_t ids_per_step_min = 16;
constexpr auto deletion_target = std::chrono::milliseconds(20);
// Free pages given back at a time; each may move one page from the end of the file.
constexpr std::int64_t pages_per_step = 256;

constexpr std::string_view count_sql =
    "SELECT count(*) FROM events WHERE id BETWEEN ?1 AND ?2 AND timestamp < ?3";
constexpr std::string_view delete_sql =
    "DELETE FROM events WHERE id BETWEEN ?1 AND ?2 AND timestamp < ?3 RETURNING id";
constexpr std::string_view unseal_sql =
    "UPDATE chunks SET bounds = NULL, deleted = NULL WHERE chunk = ?1 AND bounds IS NOT NULL";
constexpr std::string_view deleted_sql =
    "SELECT deleted FROM chunks WHERE chunk = ?1 AND bounds IS NOT NULL";
constexpr std::string_view set_deleted_sql = "UPDATE chunks SET deleted = ?2 WHERE chunk = ?1";
constexpr std::string_view shrink_chunk_sql =
    "UPDATE chunks SET events = events - ?2, min_timestamp = max(min_timestamp, ?3)"
    " WHERE chunk = ?1";
constexpr std::string_view drop_chunk_sql = "DELETE FROM chunks WHERE chunk = ?1 AND events <= 0";

class Prune {
 public:
  Prune(const PruneAccess& access, const PruneOpts& opts, std::stop_token stop)
      : access_(access), opts_(opts), stop_(std::move(stop)) {}

  Result<std::int64_t> run() {
    if (auto planned = plan(); !planned) return fail(planned.error());
    if (expected_ > 0) {
      const auto record = append_record();
      if (!record) return fail(record.error());
    }
    // Ids only grow, so all that the plan saw lies before the record.
    for (const Chunk& chunk : chunks_) {
      if (auto pruned = prune_chunk(chunk); !pruned) return fail(pruned.error());
    }
    // Also where nothing was deleted: a prune that was stopped may have left free pages.
    if (auto given = give_space_back(); !given) return fail(given.error());
    return progress_.deleted;
  }

 private:
  // Which chunks hold something to delete, and how much. Step by step too: events that
  // came late may lie in every chunk.
  Result<void> plan() {
    std::vector<Chunk> candidates;
    auto read = step([&](SqliteConnection& connection) -> Result<void> {
      auto transaction = SqliteTransaction::begin_read(connection);
      if (!transaction) return fail(transaction.error());
      auto chunks = read_chunks_and_tail(connection);
      if (!chunks) return fail(chunks.error());
      candidates = std::move(*chunks);
      return {};
    });
    if (!read) return read;
    for (const Chunk& chunk : candidates) {
      if (chunk.min_timestamp >= opts_.cutoff) continue;
      std::int64_t old = chunk.events;
      if (chunk.max_timestamp >= opts_.cutoff) {
        auto counted = step([&](SqliteConnection& c) { return count_old(c, chunk, old); });
        if (!counted) return counted;
      }
      if (old == 0) continue;
      expected_ += old;
      progress_.total += chunk.last_id - chunk.first_id + 1;
      chunks_.push_back(chunk);
    }
    return {};
  }

  Result<void> count_old(SqliteConnection& connection, const Chunk& chunk, std::int64_t& old) {
    auto count = connection.prepare(count_sql);
    if (!count) return fail(count.error());
    count->bind(1, chunk.first_id);
    count->bind(2, chunk.last_id);
    count->bind(3, opts_.cutoff.ns());
    const auto row = count->step();
    if (!row) return fail(row.error());
    old = count->integer(0);
    return {};
  }

  Result<void> prune_chunk(const Chunk& chunk) {
    EventId first = chunk.first_id;
    while (first <= chunk.last_id) {
      // A step must not cross a chunk's border, because it corrects one row of `chunks`.
      const EventId last = std::min({chunk.last_id, first + ids_per_step_ - 1,
                                     sqlite_schema::last_id_of(sqlite_schema::chunk_of(first))});
      auto done = step([&](SqliteConnection& c) { return delete_ids(c, chunk, first, last); });
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

  Result<EventId> append_record() {
    Event record;
    record.timestamp = Timestamp::now();
    record.category = category::audit;
    record.action = action::pruned;
    record.agent = "agentaudit";
    record.source = "store";
    record.principal = opts_.principal;
    record.status = status::ok;
    record.summary =
        "pruned " + std::to_string(expected_) + " events from before " + opts_.cutoff.to_string();
    record.detail =
        R"({"cutoff":")" + opts_.cutoff.to_string() + R"(","events":)" + std::to_string(expected_);
    if (!opts_.reason.empty()) {
      record.detail += R"(,"reason":)";
      append_json_string(record.detail, opts_.reason);
    }
    record.detail += '}';
    return access_.append(record);
  }

  Result<void> delete_ids(SqliteConnection& connection, const Chunk& whole, EventId first,
                          EventId last) {
    auto transaction = SqliteTransaction::begin_write(connection);
    if (!transaction) return fail(transaction.error());
    const auto started = std::chrono::steady_clock::now();
    const auto deleted = delete_rows(connection, first, last);
    if (!deleted) return fail(deleted.error());
    // Without the commit, whose sync takes its time however little it writes.
    deletion_took_ = std::chrono::steady_clock::now() - started;
    const std::int64_t chunk = sqlite_schema::chunk_of(first);
    const bool ends_chunk = last == sqlite_schema::last_id_of(chunk);
    if (deleted->empty() && !ends_chunk) return {};
    if (auto counted = sqlite_schema::count_rewrite(connection); !counted) return counted;
    auto kept = whole.max_timestamp < opts_.cutoff ? unseal(connection, chunk)
                                                   : mark_deleted(connection, chunk, *deleted);
    if (!kept) return kept;
    // The tail has no row, unless a writer completed its chunk meanwhile. After the last
    // step of a complete chunk nothing before the cutoff is left in it.
    auto shrink = connection.prepare(shrink_chunk_sql);
    if (!shrink) return fail(shrink.error());
    shrink->bind(1, chunk);
    shrink->bind(2, static_cast<std::int64_t>(deleted->size()));
    shrink->bind(3, ends_chunk ? opts_.cutoff.ns() : std::numeric_limits<std::int64_t>::min());
    if (auto done = shrink->run(); !done) return done;
    auto drop = connection.prepare(drop_chunk_sql);
    if (!drop) return fail(drop.error());
    drop->bind(1, chunk);
    if (auto done = drop->run(); !done) return done;
    if (connection.changes() > 0) {
      if (auto forgotten = forget_columns(connection, chunk); !forgotten) return forgotten;
    }
    if (auto committed = transaction->commit(); !committed) return committed;
    progress_.deleted += static_cast<std::int64_t>(deleted->size());
    return {};
  }

  Result<std::vector<EventId>> delete_rows(SqliteConnection& connection, EventId first,
                                           EventId last) {
    auto remove = connection.prepare(delete_sql);
    if (!remove) return fail(remove.error());
    remove->bind(1, first);
    remove->bind(2, last);
    remove->bind(3, opts_.cutoff.ns());
    std::vector<EventId> deleted;
    auto removed = for_each_row(*remove, [&](const SqliteStatement& row) -> Result<void> {
      deleted.push_back(row.integer(0));
      return {};
    });
    if (!removed) return fail(removed.error());
    return deleted;
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
  std::vector<Chunk> chunks_;
  std::int64_t expected_ = 0;
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
