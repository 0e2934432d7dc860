#include "store/postgres_verify.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/names.h"
#include "core/bytes.h"
#include "store/checkpoint_check.h"
#include "store/id_ranges.h"
#include "store/named_deletions.h"
#include "store/postgres_checkpoints.h"
#include "store/postgres_counts.h"
#include "store/postgres_leaf.h"
#include "store/postgres_ledger.h"
#include "store/postgres_sql.h"
#include "store/recorded_events.h"
#include "store/span_check.h"
#include "store/sql_columns.h"
#include "store/verify_findings.h"

namespace agentaudit {
namespace {

using postgres_sql::int64;

constexpr auto tile_events = static_cast<EventId>(tile_width);

class Verifying {
 public:
  Verifying(PostgresConnection& connection, const VerifyOpts& opts, std::stop_token stop)
      : connection_(connection),
        hashes_(connection),
        opts_(opts),
        stop_(std::move(stop)),
        spans_(Timestamp::now().minus(opts.pending_max)) {}

  Result<Verification> run() {
    if (auto read = read_trail(); !read) return fail(read.error());
    for (EventId first = 1; first <= last_id_; first += tile_events) {
      if (stop_.stop_requested()) return fail(ErrorCode::cancelled, "the check was cancelled");
      if (auto checked = check_tile(first); !checked) return fail(checked.error());
      const EventId done = std::min(first + tile_events - 1, last_id_);
      if (opts_.progress) opts_.progress(done, last_id_);
    }
    if (auto checked = check_levels(); !checked) return fail(checked.error());
    if (auto checked = check_checkpoints(); !checked) return fail(checked.error());
    add_up();
    if (auto checked = check_counts(); !checked) return fail(checked.error());
    conclude(result_, rolled_back_);
    return std::move(result_);
  }

 private:
  void tampered(EventId id, std::string what) {
    add_finding(result_.integrity, id, std::move(what));
  }

  Result<void> read_trail() {
    const auto row = connection_.ask(
        "SELECT trail_id, last_id, (SELECT coalesce(max(id), 0) FROM agentaudit_events),"
        " (SELECT coalesce(min(id), 1) FROM agentaudit_events) FROM agentaudit_trail");
    if (!row) return fail(row.error());
    PostgresRows::Row columns = row->row(0);
    result_.trail_id = columns.text();
    last_id_ = columns.number();
    result_.leaves = last_id_;
    const EventId last_row = columns.number();
    const EventId first_row = columns.number();
    if (last_row > last_id_) {
      tampered(last_id_ + 1, range_text({.first = last_id_ + 1, .last = last_row}) +
                                 " came without the trail's lock: none has a leaf");
    }
    if (first_row < 1) tampered(first_row, "an event has an id that no store gives");
    return {};
  }

  Result<void> check_tile(EventId first) {
    const EventId last = std::min(first + tile_events - 1, last_id_);
    std::vector<Hash> leaves(static_cast<std::size_t>(last - first + 1));
    const auto index = static_cast<std::uint64_t>(first - 1);
    const auto there = hashes_.read_some(0, index, leaves);
    if (!there) return fail(there.error());
    const bool has_leaves = *there == leaves.size();
    if (!has_leaves) tampered(first, PostgresHashes::lack_text(0, index + *there));
    const auto rows = connection_.ask("SELECT " + std::string(sql_columns::of_event) +
                                      std::string(postgres_leaf::columns) + "id BETWEEN " +
                                      int64(first) + " AND " + int64(last) + " ORDER BY id");
    if (!rows) return fail(rows.error());
    EventId next = first;
    SpanEvents spans;
    for (int row = 0; row < rows->size(); ++row) {
      const RecordedEvent recorded = postgres_leaf::read(rows->row(row));
      const Event& event = recorded.event;
      if (event.id < next) {
        tampered(event.id, "event " + std::to_string(event.id) + " is there twice");
        continue;
      }
      add_missing({.first = next, .last = event.id - 1});
      next = event.id + 1;
      spans.add(event);
      if (has_leaves) check_event(recorded, leaves[static_cast<std::size_t>(event.id - first)]);
      note_erased(recorded);
      note_record(event);
      ++result_.events;
    }
    add_missing({.first = next, .last = last});
    spans_.follow(spans, true);
    if (!has_leaves || leaves.size() < tile_width) return {};
    return check_above(index / tile_width, subtree_hash(leaves), first);
  }

  void add_missing(IdRange ids) {
    if (ids.first > ids.last) return;
    if (!missing_.empty() && missing_.back().last + 1 == ids.first) {
      missing_.back().last = ids.last;
    } else {
      missing_.push_back(ids);
    }
  }

  void check_event(const RecordedEvent& recorded, const Hash& leaf) {
    const std::string event = "event " + std::to_string(recorded.event.id);
    if (recorded.recorded_at < recorded_at_) {
      tampered(recorded.event.id, event + " was recorded before the one that precedes it");
    }
    recorded_at_ = std::max(recorded_at_, recorded.recorded_at);
    if (recorded.leaf == view_of(leaf)) return;
    tampered(recorded.event.id, event + " is not what was recorded");
  }

  void note_erased(const RecordedEvent& recorded) {
    const ErasedTexts erased{.id = recorded.event.id,
                             .summary = !recorded.erased_summary.empty(),
                             .detail = !recorded.erased_detail.empty()};
    if (erased.summary || erased.detail) erased_.push_back(erased);
  }

  void note_record(const Event& event) {
    if (event.category != category::audit) return;
    named_.add(event, result_.trail_id);
    note_loss(result_.completeness, event);
  }

  Result<void> check_above(std::uint64_t tile, const Hash& node, EventId first) {
    std::array<Hash, 1> above{};
    const auto there = hashes_.read_some(1, tile, above);
    if (!there) return fail(there.error());
    if (*there == above.size() && above[0] == node) return {};
    tampered(first, "the ledger's tree disagrees with the leaves of the events from " +
                        std::to_string(first) + " on");
    return {};
  }

  Result<void> check_levels() {
    const auto size = static_cast<std::uint64_t>(last_id_);
    for (int level = 1; level + 1 < PostgresLedger::levels; ++level) {
      const std::uint64_t above = hashes_of_level(level + 1, size);
      for (std::uint64_t i = 0; i < above; ++i) {
        std::vector<Hash> below(tile_width);
        std::array<Hash, 1> node{};
        const auto below_there = hashes_.read_some(level, i * tile_width, below);
        if (!below_there) return fail(below_there.error());
        const auto node_there = hashes_.read_some(level + 1, i, node);
        if (!node_there) return fail(node_there.error());
        const bool has_both = *below_there == below.size() && *node_there == node.size();
        if (has_both && subtree_hash(below) == node[0]) continue;
        tampered(0, "the ledger's tree disagrees with itself at level " +
                        std::to_string(level + 1) + ", hash " + std::to_string(i));
      }
    }
    return {};
  }

  Result<void> check_checkpoints() {
    auto notes = read_checkpoints(connection_);
    if (!notes) return fail(notes.error());
    const auto sealed = connection_.number("SELECT count(sealed_by) FROM agentaudit_trail");
    if (!sealed) return fail(sealed.error());
    const auto rolled_back = agentaudit::check_checkpoints(
        {.notes = std::move(*notes),
         .was_sealed = *sealed > 0,
         .size = static_cast<std::uint64_t>(last_id_),
         .root_of = [this](std::uint64_t size) { return root_of(size, hashes_); }},
        opts_, result_);
    if (!rolled_back) return fail(rolled_back.error());
    rolled_back_ = *rolled_back;
    return {};
  }

  // Of events that are as they were: others are not what was counted.
  Result<void> check_counts() {
    if (result_.integrity.total > 0) return {};
    const auto wrong = postgres_counts::wrong(connection_);
    if (!wrong) return fail(wrong.error());
    if (*wrong > 0) {
      tampered(0, std::to_string(*wrong) +
                      " counts of totals and statistics are not what the events add up to; SELECT "
                      "agentaudit_recount() counts them anew");
    }
    return {};
  }

  void add_up() {
    named_.account_for(missing_, erased_, "gone", result_);
    spans_.report(result_.completeness);
  }

  PostgresConnection& connection_;
  PostgresHashes hashes_;
  const VerifyOpts& opts_;
  std::stop_token stop_;
  SpanCheck spans_;
  EventId last_id_ = 0;
  Timestamp recorded_at_ = Timestamp::from_ns(0);
  bool rolled_back_ = false;
  IdRanges missing_;
  std::vector<ErasedTexts> erased_;
  NamedDeletions named_;
  Verification result_;
};

}  // namespace

Result<Verification> postgres_verify(PostgresConnection& connection, const VerifyOpts& opts,
                                     const std::stop_token& stop) {
  return Verifying(connection, opts, stop).run();
}

Result<std::vector<RecordedEvent>> postgres_recorded(PostgresConnection& connection, EventId after,
                                                     std::int64_t limit) {
  if (auto checked = check_recorded_limit(limit); !checked) return fail(checked.error());
  const auto size = connection.number("SELECT last_id FROM agentaudit_trail");
  if (!size) return fail(size.error());
  std::vector<RecordedEvent> events;
  std::size_t bytes = 0;
  while (static_cast<std::int64_t>(events.size()) < limit && bytes < recorded_bytes_max) {
    const std::int64_t some =
        std::min<std::int64_t>(tile_events, limit - static_cast<std::int64_t>(events.size()));
    const auto rows = connection.ask("SELECT " + std::string(sql_columns::of_event) +
                                     std::string(postgres_leaf::columns) + "id > " + int64(after) +
                                     " ORDER BY id LIMIT " + std::to_string(some));
    if (!rows) return fail(rows.error());
    for (int row = 0; row < rows->size() && bytes < recorded_bytes_max; ++row) {
      events.push_back(postgres_leaf::read(rows->row(row)));
      after = events.back().event.id;
      bytes += size_bytes(events.back().event);
    }
    if (rows->size() < some) break;
  }
  PostgresHashes hashes(connection);
  auto checked = check_leaves(events, static_cast<std::uint64_t>(*size), hashes);
  if (!checked) return fail(checked.error());
  return events;
}

Result<std::string> postgres_root_at(PostgresConnection& connection, std::int64_t size) {
  const auto leaves = connection.number("SELECT last_id FROM agentaudit_trail");
  if (!leaves) return fail(leaves.error());
  PostgresHashes hashes(connection);
  return root_bytes(size, static_cast<std::uint64_t>(*leaves), hashes);
}

}  // namespace agentaudit
