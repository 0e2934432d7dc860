#include "store/postgres_prune.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/names.h"
#include "store/batch_check.h"
#include "store/id_ranges.h"
#include "store/postgres_counts.h"
#include "store/postgres_holds.h"
#include "store/postgres_record.h"
#include "store/postgres_schema.h"
#include "store/postgres_sql.h"
#include "store/rest.h"
#include "store/trail_record.h"

namespace agentaudit {
namespace {

using postgres_sql::int64;

constexpr std::int64_t events_per_step = 4'096;

constexpr PostgresRight to_prune = {
    .condition = "has_table_privilege('agentaudit_events', 'DELETE')", .act = "delete events"};

// The condition of what goes, unless it is under a hold.
std::string old_enough(const PruneOpts& opts) {
  SqlWhere where(postgres_sql::dialect);
  where.add("timestamp < " + int64(opts.cutoff.ns()));
  where.among("category", opts.categories);
  where.not_among("category", opts.exclude_categories);
  const std::vector<std::string> records(action::records.begin(), action::records.end());
  SqlWhere record(postgres_sql::dialect);
  record.equals("category", category::audit);
  record.among("action", records);
  where.add("NOT (" + record.text() + ")");
  return where.text();
}

class Prune {
 public:
  Prune(const PostgresStep& step, const PruneOpts& opts, std::stop_token stop)
      : step_(step), opts_(opts), stop_(std::move(stop)), old_(old_enough(opts)) {}

  Result<std::int64_t> run() {
    IdRanges named;
    if (auto recorded = step([&](PostgresWriter& writer) { return record(writer, named); });
        !recorded) {
      return fail(recorded.error());
    }
    progress_.total = count_ids(named);
    if (named.empty()) return 0;
    // Ids only grow: what comes from now on is after it.
    last_id_ = named.back().last;
    if (auto dropped = drop_months(); !dropped) return fail(dropped.error());
    if (auto left = delete_in_steps(); !left) return fail(left.error());
    auto finished = step([&](PostgresWriter& writer) { return finish(writer); });
    if (!finished) return fail(finished.error());
    progress_.scanned = progress_.total;
    report(0);
    return progress_.deleted;
  }

 private:
  // Which events go, and that they do, in one transaction.
  Result<void> record(PostgresWriter& writer, IdRanges& named) {
    if (auto locked = lock_to(writer, to_prune); !locked) return locked;
    PostgresConnection& connection = writer.connection();
    auto holds = postgres_holds(connection);
    if (!holds) return fail(holds.error());
    first_holds_ = std::move(*holds);
    if (auto found = find_doomed(writer, named); !found || named.empty()) return found;
    const auto trail_id = postgres_trail_id(connection);
    if (!trail_id) return fail(trail_id.error());
    const std::vector<Event> records = pruned_records(opts_, named, *trail_id);
    const std::vector<EventView> views(records.begin(), records.end());
    if (auto checked = check_batch(views); !checked) return checked;
    const auto appended = writer.append_in_lock(views, {});
    if (!appended) return fail(appended.error());
    return {};
  }

  Result<void> find_doomed(PostgresWriter& writer, IdRanges& ids) const {
    const auto goes = doomed(writer);
    if (!goes) return fail(goes.error());
    const auto rows = writer.connection().ask(
        "SELECT min(id), max(id) FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS island"
        " FROM agentaudit_events WHERE " +
        *goes + ") AS ids GROUP BY island ORDER BY 1");
    if (!rows) return fail(rows.error());
    ids.clear();
    for (int i = 0; i < rows->size(); ++i) {
      PostgresRows::Row columns = rows->row(i);
      const EventId first = columns.number();
      ids.push_back({.first = first, .last = columns.number()});
    }
    return {};
  }

  // What goes, in a transaction that has the trail's lock: nothing that is under a hold now, and
  // nothing but what the records name, so nothing that was under one then either.
  [[nodiscard]] Result<std::string> doomed(PostgresWriter& writer) const {
    auto holds = postgres_holds(writer.connection());
    if (!holds) return fail(holds.error());
    for (const Hold& hold : first_holds_) {
      if (std::ranges::find(*holds, hold.id, &Hold::id) == holds->end()) holds->push_back(hold);
    }
    std::string goes = "(" + old_ + " AND NOT " + held_by(*holds);
    if (last_id_ != 0) goes += " AND id <= " + int64(last_id_);
    return goes + ')';
  }

  // Where every category goes, a month that lies before the cutoff goes whole.
  Result<void> drop_months() {
    if (!opts_.categories.empty() || !opts_.exclude_categories.empty()) return {};
    std::vector<std::string> months;
    auto listed = step([&](PostgresWriter& writer) -> Result<void> {
      if (auto locked = writer.lock(); !locked) return locked;
      return postgres_schema::find_months_before(writer.connection(), opts_.cutoff, months);
    });
    if (!listed) return listed;
    for (const std::string& month : months) {
      std::int64_t gone = 0;
      auto dropped = step([&](PostgresWriter& writer) { return drop_month(writer, month, gone); });
      // One that readers hold, or that this role may not drop, is emptied in steps.
      if (!dropped && (dropped.error().code == ErrorCode::busy ||
                       dropped.error().code == ErrorCode::permission)) {
        continue;
      }
      if (!dropped) return dropped;
      report(gone);
    }
    return {};
  }

  // What stays of a month goes to the partition of all the rest. Where much does, the month is
  // left to be emptied in steps.
  Result<void> drop_month(PostgresWriter& writer, const std::string& month,
                          std::int64_t& gone) const {
    if (auto locked = writer.lock(); !locked) return locked;
    PostgresConnection& connection = writer.connection();
    // Done again, for its commit was not answered, it may find that it had been done.
    const auto there = connection.number("SELECT to_regclass('" + month + "') IS NOT NULL");
    if (!there) return fail(there.error());
    if (*there == 0) return {};
    gone = 0;
    const auto goes = doomed(writer);
    if (!goes) return fail(goes.error());
    const auto row =
        connection.ask("SELECT count(*), count(*) FILTER (WHERE " + *goes + ") FROM " + month);
    if (!row) return fail(row.error());
    PostgresRows::Row counts = row->row(0);
    const std::int64_t all = counts.number();
    const std::int64_t some = counts.number();
    if (all - some > events_per_step) return {};
    gone = some;
    writer.forget_months();
    const std::string which = month + " WHERE " + *goes;
    return connection.run("WITH " +
                          postgres_counts::counted(postgres_counts::of_rows(which, "-count(*)")) +
                          " SELECT 1;DELETE FROM agentaudit_origins WHERE id IN (SELECT id FROM " +
                          which + ");ALTER TABLE agentaudit_events DETACH PARTITION " + month +
                          ";INSERT INTO agentaudit_events SELECT * FROM " + month + " WHERE NOT " +
                          *goes + ";DROP TABLE " + month);
  }

  Result<void> delete_in_steps() {
    IdRanges left;
    auto planned = step([&](PostgresWriter& writer) -> Result<void> {
      if (auto locked = writer.lock(); !locked) return locked;
      return find_doomed(writer, left);
    });
    if (!planned) return planned;
    for (const IdRange& ids : steps_of(left)) {
      std::int64_t gone = 0;
      auto done = step([&](PostgresWriter& writer) { return delete_ids(writer, ids, gone); });
      if (!done) return done;
      report(gone);
    }
    return {};
  }

  // Ids from the first to the last of so many events.
  static std::vector<IdRange> steps_of(const IdRanges& ranges) {
    std::vector<IdRange> steps;
    std::int64_t room = 0;
    for (IdRange range : ranges) {
      while (range.first <= range.last) {
        if (room == 0) {
          steps.push_back({.first = range.first, .last = range.first});
          room = events_per_step;
        }
        const std::int64_t some = std::min(room, range.last - range.first + 1);
        steps.back().last = range.first + some - 1;
        range.first += some;
        room -= some;
      }
    }
    return steps;
  }

  Result<void> delete_ids(PostgresWriter& writer, IdRange ids, std::int64_t& gone) const {
    if (auto locked = writer.lock(); !locked) return locked;
    const auto goes = doomed(writer);
    if (!goes) return fail(goes.error());
    const std::string between = "id BETWEEN " + int64(ids.first) + " AND " + int64(ids.last);
    const auto count = writer.connection().number(
        "WITH gone AS (DELETE FROM agentaudit_events WHERE " + between + " AND " + *goes +
        " RETURNING id, timestamp, category, status, agent, source, target), forgotten AS (DELETE "
        "FROM agentaudit_origins WHERE id IN"
        " (SELECT id FROM gone)), " +
        postgres_counts::counted(postgres_counts::of_rows("gone", "-count(*)")) +
        " SELECT count(*) FROM gone");
    if (!count) return fail(count.error());
    // Done again, for its commit was not answered, it may find none.
    gone = std::max(gone, *count);
    return {};
  }

  Result<void> finish(PostgresWriter& writer) {
    if (auto locked = writer.lock(); !locked) return locked;
    PostgresConnection& connection = writer.connection();
    const auto holds = postgres_holds(connection);
    if (!holds) return fail(holds.error());
    if (!holds->empty()) {
      const auto held = connection.number("SELECT count(*) FROM agentaudit_events WHERE " + old_ +
                                          " AND " + held_by(*holds));
      if (!held) return fail(held.error());
      progress_.held = *held;
    }
    return connection.run(postgres_counts::forget_empty());
  }

  void report(std::int64_t gone) {
    progress_.deleted += gone;
    progress_.scanned = std::min(progress_.scanned + gone, progress_.total);
    if (opts_.progress) opts_.progress(progress_);
  }

  // One transaction, then a rest as long as it took.
  Result<void> step(const std::function<Result<void>(PostgresWriter&)>& work) {
    if (stop_.stop_requested()) return stopped();
    const auto started = std::chrono::steady_clock::now();
    auto done = step_(work);
    if (!done && done.error().code == ErrorCode::cancelled) return stopped();
    if (done && opts_.keep_pace) rest(stop_, std::chrono::steady_clock::now() - started);
    return done;
  }

  [[nodiscard]] Result<void> stopped() const {
    return fail(ErrorCode::cancelled, "prune was stopped after " +
                                          std::to_string(progress_.deleted) +
                                          " events; the next prune finishes it");
  }

  const PostgresStep& step_;
  const PruneOpts& opts_;
  std::stop_token stop_;
  std::string old_;                // the condition of what goes, unless it is under a hold
  std::vector<Hold> first_holds_;  // those that there were when the records were written
  EventId last_id_ = 0;            // of what the records name; 0: nothing yet
  PruneProgress progress_;
};

}  // namespace

Result<std::int64_t> postgres_prune(const PostgresStep& step, const PruneOpts& opts,
                                    std::stop_token stop) {
  return Prune(step, opts, std::move(stop)).run();
}

Result<PruneCounts> postgres_preview_prune(PostgresConnection& connection, const PruneOpts& opts) {
  const auto holds = postgres_holds(connection);
  if (!holds) return fail(holds.error());
  const std::string held = held_by(*holds);
  const auto row =
      connection.ask("SELECT count(*) FILTER (WHERE NOT " + held + "), count(*) FILTER (WHERE " +
                     held + ") FROM agentaudit_events WHERE " + old_enough(opts));
  if (!row) return fail(row.error());
  PostgresRows::Row counts = row->row(0);
  const std::int64_t deleted = counts.number();
  return PruneCounts{.deleted = deleted, .held = counts.number()};
}

}  // namespace agentaudit
