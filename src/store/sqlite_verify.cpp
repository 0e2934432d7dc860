#include "store/sqlite_verify.h"
#include "core/out_of_memory.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "store/checkpoint_check.h"
#include "store/leaf_check.h"
#include "store/lookup_check.h"
#include "store/named_deletions.h"
#include "store/span_check.h"
#include "store/sqlite_chunk_check.h"
#include "store/sqlite_names.h"
#include "store/sqlite_row.h"
#include "store/sqlite_scan.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_team.h"
#include "store/sqlite_tree.h"
#include "store/verify_findings.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_of;

class Verifying {
 public:
  Verifying(SqliteReader& reader, const VerifyOpts& opts)
      : reader_(&reader),
        connection_(&reader.connection()),
        opts_(opts),
        spans_(Timestamp::now().minus(opts.pending_max)) {}

  Result<Verification> run() {
    {
      auto transaction = SqliteTransaction::begin_read(*connection_);
      if (!transaction) return fail(transaction.error());
      for (Result<void> (Verifying::*step)() :
           {&Verifying::read_trail, &Verifying::check_chunks, &Verifying::add_up_chunks,
            &Verifying::check_upper_levels, &Verifying::check_checkpoints,
            &Verifying::check_lookups, &Verifying::follow_the_rest}) {
        if (auto in_time = connection_->within_limits(); !in_time) return fail(in_time.error());
        if (auto done = (this->*step)(); !done) return fail(done.error());
      }
    }
    conclude(result_, rolled_back_);
    return std::move(result_);
  }

 private:
  void tampered(EventId id, std::string what) {
    add_finding(result_.integrity, id, std::move(what));
  }

  Result<void> read_trail() {
    auto trail_id = sqlite_schema::trail_id(*connection_);
    if (!trail_id) return fail(trail_id.error());
    result_.trail_id = std::move(*trail_id);
    const auto version = connection_->integer("PRAGMA user_version");
    if (!version) return fail(version.error());
    if (*version < ledger_version) {
      return fail(ErrorCode::unsupported,
                  "the trail is of version " + std::to_string(*version) +
                      ", which has no ledger; `agentaudit migrate` gives it one");
    }
    for (const auto& [out, sql] :
         {std::pair(&backlog_, "SELECT value FROM trail WHERE key = 'ledger_backlog'"),
          std::pair(&last_row_, "SELECT coalesce(max(id), 0) FROM events"),
          std::pair(&first_row_, "SELECT coalesce(min(id), 1) FROM events")}) {
      const auto value = connection_->integer(sql);
      if (!value) return fail(value.error());
      *out = *value;
    }
    const auto size = sqlite_tree::size(*connection_);
    if (!size && size.error().code != ErrorCode::corrupt) return fail(size.error());
    if (!size) tampered(0, size.error().message);
    size_ = size ? *size : 0;
    result_.leaves = static_cast<std::int64_t>(size_);
    if (first_row_ < 1)
      tampered(first_row_,
               "event " + std::to_string(first_row_) + " has an id that no store gives");
    return {};
  }

  // The chunks that have events or leaves of those asked for.
  Result<void> check_chunks() {
    // A forged id must not make this go on for ever: what is far beyond the last event
    // that can have been stored is one finding.
    const EventId known = std::max(static_cast<EventId>(size_), backlog_);
    EventId last = std::min(last_row_, known + sqlite_schema::chunk_events);
    if (last_row_ > last) {
      tampered(last_row_, "event " + std::to_string(last_row_) + " has no leaf");
    }
    if (static_cast<EventId>(size_) > last_row_) {
      const IdRange gone{.first = last_row_ + 1, .last = static_cast<EventId>(size_)};
      tampered(gone.first, range_text(gone) + " at the end of the trail are gone");
    }
    last = std::min(last, opts_.last_id);
    first_chunk_ = chunk_of(std::max<EventId>(opts_.first_id, 1));
    const std::int64_t end = last < 1 ? first_chunk_ : chunk_of(last) + 1;
    const auto chunks = static_cast<std::size_t>(std::max<std::int64_t>(end - first_chunk_, 0));
    reports_.resize(chunks);
    next_id_ = sqlite_schema::first_id_of(end);
    total_ = static_cast<std::int64_t>(chunks) * sqlite_schema::chunk_events;
    std::atomic<std::size_t> next = 0;
    const auto work = [&](SqliteReader& reader) -> Result<void> {
      auto check = LeafCheck::make(reader.connection(), size_, backlog_, result_.trail_id);
      if (!check) return fail(check.error());
      ChunkContents contents;
      for (std::size_t i = next++; i < chunks && wait_for_turn(i); i = next++) {
        const auto done = or_out_of_memory([&]() -> Result<void> {
          auto report = check_one(reader, *check, i, contents);
          if (!report) return fail(report.error());
          hand_in(i, std::move(*report));
          return {};
        });
        if (done) continue;
        hand_in(i, std::nullopt);
        return done;
      }
      return {};
    };
    return on_all_cores(chunks, work);
  }

  Result<LeafReport> check_one(SqliteReader& reader, LeafCheck& check, std::size_t i,
                               ChunkContents& contents) const {
    const std::int64_t chunk = first_chunk_ + static_cast<std::int64_t>(i);
    if (auto in_time = reader.connection().within_limits(); !in_time) return fail(in_time.error());
    auto report = check.check(chunk, &contents);
    if (!report) return report;
    if (report->events > 0 && sqlite_schema::last_id_of(chunk) <= last_row_) {
      // What questions are answered from, which is made of the events and not proved itself.
      const auto columns = check_chunk(reader, chunk, contents);
      if (!columns && columns.error().code != ErrorCode::corrupt) return fail(columns.error());
      if (!columns) {
        add_finding(report->integrity, sqlite_schema::first_id_of(chunk), columns.error().message);
      }
    }
    return report;
  }

  // What is known of a chunk's spans is kept until those before it have been followed, so
  // nobody may be far ahead. False: another has failed.
  bool wait_for_turn(std::size_t i) {
    constexpr std::size_t ahead_max = 16;
    std::unique_lock lock(mutex_);
    turn_.wait(lock, [&] { return failed_ || i < followed_ + ahead_max; });
    return !failed_;
  }

  // No report: it failed.
  void hand_in(std::size_t i, std::optional<LeafReport> report) {
    const std::lock_guard guard(mutex_);
    if (!report) failed_ = true;
    reports_[i] = std::move(report);
    for (; followed_ < reports_.size() && reports_[followed_]; ++followed_) {
      spans_.follow(std::exchange(reports_[followed_]->spans, {}), true);
    }
    turn_.notify_all();
    done_ += sqlite_schema::chunk_events;
    if (opts_.progress && !failed_) opts_.progress(std::min(done_, total_), total_);
  }

  Result<void> on_all_cores(std::size_t pieces,
                            const std::function<Result<void>(SqliteReader&)>& work) {
    SqliteTeam* const team = reader_->team();
    const std::size_t wanted =
        team == nullptr ? 0 : std::min(team->size(), std::max<std::size_t>(pieces, 1)) - 1;
    std::vector<SqliteTeam::Member> members;
    if (wanted > 0) members = team->join(*reader_, wanted);
    std::vector<Result<void>> results(members.size());
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < members.size(); ++i) {
      try {
        threads.emplace_back([&work, &member = members[i], &result = results[i]] {
          result = or_out_of_memory([&] { return work(member.reader()); });
        });
      } catch (const std::system_error&) {
        break;  // no thread is to be had: the others do its work
      }
    }
    Result<void> done = work(*reader_);
    for (std::jthread& thread : threads) thread.join();
    for (Result<void>& result : results) {
      if (done && !result) done = std::move(result);
    }
    return done;
  }

  Result<void> add_up_chunks() {
    IdRanges missing;
    std::vector<ErasedTexts> erased;
    NamedDeletions named;
    std::optional<Timestamp> recorded;
    for (std::size_t i = 0; i < reports_.size(); ++i) {
      LeafReport& report = *reports_[i];
      result_.events += report.events;
      result_.absent += report.absent;
      result_.waiting += report.waiting;
      missing.insert(missing.end(), report.missing.begin(), report.missing.end());
      erased.insert(erased.end(), report.erased.begin(), report.erased.end());
      add_named(named, report);
      if (recorded && report.first_recorded && *report.first_recorded < *recorded) {
        const EventId id = sqlite_schema::first_id_of(first_chunk_ + static_cast<std::int64_t>(i));
        tampered(id, "the events from " + std::to_string(id) +
                         " on were recorded before those that precede them");
      }
      if (report.last_recorded) recorded = report.last_recorded;
      add_findings(result_.integrity, std::move(report.integrity));
      add_findings(result_.completeness, std::move(report.completeness));
    }
    if (opts_.first_id > 1 || opts_.last_id < last_row_) {
      if (auto read = read_deletions_elsewhere(named); !read) return read;
    }
    named.account_for(missing, erased, "gone", result_);
    return {};
  }

  static void add_named(NamedDeletions& named, const LeafReport& report) {
    named.add_pruned(report.pruned);
    for (const ErasedTexts& texts : report.redacted) named.add_redacted(texts);
  }

  // Of the chunks that are not checked.
  Result<void> read_deletions_elsewhere(NamedDeletions& named) {
    auto select = connection_->prepare(
        "SELECT DISTINCT (id - 1) / ?1 FROM events WHERE"
        " category IN (SELECT id FROM names WHERE kind = 1 AND name = 'audit') AND"
        " action IN (SELECT id FROM names WHERE kind = 2 AND name IN ('pruned', 'redacted'))");
    if (!select) return fail(select.error());
    select->bind(1, sqlite_schema::chunk_events);
    auto check = LeafCheck::make(*connection_, size_, backlog_, result_.trail_id);
    if (!check) return fail(check.error());
    return for_each_row(*select, [&](const SqliteStatement& row) -> Result<void> {
      const auto report = check->check(row.integer(0));
      if (!report) return fail(report.error());
      add_named(named, *report);
      return {};
    });
  }

  // Each node of a level from the 256 below it; level 1 was compared with the leaves.
  Result<void> check_upper_levels() {
    auto hashes = sqlite_tree::Hashes::make(*connection_);
    if (!hashes) return fail(hashes.error());
    std::vector<Hash> below(tile_width);
    for (int level = 1; level < sqlite_tree::levels; ++level) {
      const std::uint64_t nodes = hashes_of_level(level, size_);
      for (std::uint64_t first = 0; first < nodes; first += tile_width) {
        const std::uint64_t some = std::min(tile_width, nodes - first);
        const auto read = hashes->read(level, first, std::span(below).first(some));
        if (!read) return fail(read.error());
        Hash above{};
        const bool complete = *read == tile_width;
        const auto stored =
            complete ? hashes->read(level + 1, first / tile_width, {&above, 1}) : *read;
        if (!stored) return fail(stored.error());
        const bool agrees = complete ? *stored == 1 && subtree_hash(below) == above : *read == some;
        if (agrees) continue;
        tampered(0, "the ledger's tree disagrees with itself at level " + std::to_string(level) +
                        ", hash " + std::to_string(first));
        return {};
      }
    }
    return {};
  }

  Result<void> check_checkpoints() {
    auto checked = agentaudit::check_checkpoints(*connection_, size_, opts_, result_);
    if (!checked) return fail(checked.error());
    rolled_back_ = *checked;
    return {};
  }

  Result<void> check_lookups() {
    auto checked = agentaudit::check_lookups(*connection_, last_row_);
    if (checked || checked.error().code != ErrorCode::corrupt) return checked;
    tampered(0, checked.error().message);
    return {};
  }

  // What comes after the events that were asked for may end their intents, and do what they
  // denied.
  Result<void> follow_the_rest() {
    auto select = connection_->prepare(
        "SELECT id, timestamp, trace_id, span_id, parent_span_id, status, category FROM events"
        " WHERE id >= ?1 AND (span_id IS NOT NULL OR parent_span_id IS NOT NULL) ORDER BY id");
    if (!select) return fail(select.error());
    auto names = NameReader::make(*connection_);
    if (!names) return fail(names.error());
    select->bind(1, next_id_);
    std::array<std::string, 5> texts;
    auto followed = for_each_row(*select, [&](const SqliteStatement& row) -> Result<void> {
      for (int i = 0; i < 3; ++i) read_hex_id(row, 2 + i, texts[static_cast<std::size_t>(i)]);
      for (int i = 3; i < 5; ++i) {
        const auto name = names->name_of(row.integer(2 + i));
        if (!name) return fail(name.error());
        texts[static_cast<std::size_t>(i)].assign(*name);
      }
      EventView event;
      event.id = row.integer(0);
      event.timestamp = Timestamp::from_ns(row.integer(1));
      event.trace_id = texts[0];
      event.span_id = texts[1];
      event.parent_span_id = texts[2];
      event.status = texts[3];
      event.category = texts[4];
      SpanEvents spans;
      spans.add(event);
      spans_.follow(spans, false);
      return {};
    });
    if (!followed) return followed;
    spans_.report(result_.completeness);
    return {};
  }

  static constexpr std::int64_t ledger_version = 4;

  SqliteReader* reader_;
  SqliteConnection* connection_;
  const VerifyOpts& opts_;
  Verification result_;
  EventId backlog_ = 0;
  EventId first_row_ = 1;
  EventId last_row_ = 0;
  std::uint64_t size_ = 0;
  std::int64_t first_chunk_ = 0;
  EventId next_id_ = 1;  // after the chunks that are checked
  bool rolled_back_ = false;
  std::mutex mutex_;
  // Guarded by mutex_ while chunks are checked.
  std::condition_variable turn_;
  std::vector<std::optional<LeafReport>> reports_;
  std::size_t followed_ = 0;
  bool failed_ = false;
  SpanCheck spans_;
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
};

}  // namespace

Result<Verification> sqlite_verify(SqliteReader& reader, const VerifyOpts& opts) {
  return Verifying(reader, opts).run();
}

}  // namespace agentaudit
