#include "store/leaf_check.h"

#include <algorithm>

#include "agentaudit/core/names.h"
#include "store/trail_record.h"
#include "store/verify_findings.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

constexpr std::uint64_t nodes_per_chunk = chunk_events / tile_width;

}  // namespace

Result<LeafCheck> LeafCheck::make(SqliteConnection& connection, std::uint64_t size, EventId backlog,
                                  std::string trail_id) {
  auto rows = SqliteLeaves::make(connection);
  if (!rows) return fail(rows.error());
  auto hashes = sqlite_tree::Hashes::make(connection);
  if (!hashes) return fail(hashes.error());
  return LeafCheck(std::move(*rows), std::move(*hashes), size, backlog, std::move(trail_id));
}

Result<LeafReport> LeafCheck::check(std::int64_t chunk, ChunkContents* contents) {
  LeafReport report;
  if (contents != nullptr) contents->clear();
  first_id_ = sqlite_schema::first_id_of(chunk);
  const EventId last_id = sqlite_schema::last_id_of(chunk);
  const auto first_leaf = static_cast<std::uint64_t>(first_id_ - 1);
  const std::uint64_t expected =
      size_ > first_leaf ? std::min<std::uint64_t>(size_ - first_leaf, chunk_events) : 0;
  leaves_.resize(expected);
  const auto read = hashes_.read(0, first_leaf, leaves_);
  if (!read) return fail(read.error());
  leaves_.resize(*read);

  EventId next_id = first_id_;
  const auto last_leaf = static_cast<EventId>(first_leaf + expected);
  rows_.seek(first_id_, last_id);
  while (true) {
    const auto row = rows_.next();
    if (!row) return fail(row.error());
    const EventId present = *row != nullptr ? (*row)->event.id : last_leaf + 1;
    for (; next_id < present && next_id <= last_leaf; ++next_id) miss(next_id, report);
    if (*row == nullptr) break;
    compare(**row, report);
    if (contents != nullptr) collect((*row)->event, *contents, report);
    next_id = present + 1;
  }
  if (contents != nullptr) contents->fill_up();
  // Of a chunk that is wholly pruned the leaves have gone too.
  const bool dropped =
      *read == 0 && report.events == 0 && expected == static_cast<std::uint64_t>(chunk_events);
  if (*read < expected && !dropped) {
    const auto id = static_cast<EventId>(first_leaf + *read + 1);
    add_finding(report.integrity, id, "the ledger lacks the leaf of event " + std::to_string(id));
  }
  if (!dropped) {
    if (auto checked = check_nodes(chunk, report); !checked) return fail(checked.error());
  }
  return report;
}

void LeafCheck::compare(const StoredLeaf& row, LeafReport& report) const {
  const EventId id = row.event.id;
  ++report.events;
  if (report.last_recorded && row.recorded_at < *report.last_recorded) {
    add_finding(report.integrity, id,
                "event " + std::to_string(id) + " was recorded before the one that precedes it");
  }
  if (!report.first_recorded) report.first_recorded = row.recorded_at;
  report.last_recorded = row.recorded_at;
  if (row.summary_redacted || row.detail_redacted) {
    report.erased.push_back(
        {.id = id, .summary = row.summary_redacted, .detail = row.detail_redacted});
  }
  note_event(row, report);
  if (static_cast<std::uint64_t>(id) > size_) {
    if (id <= backlog_) {
      ++report.waiting;
    } else {
      add_finding(report.integrity, id, "event " + std::to_string(id) + " has no leaf");
    }
    return;
  }
  const auto index = static_cast<std::size_t>(id - first_id_);
  if (index < leaves_.size() && (leaves_[index] != row.hash || !row.as_written)) {
    add_finding(report.integrity, id, "event " + std::to_string(id) + " is not what was recorded");
  }
}

void LeafCheck::collect(const EventView& event, ChunkContents& contents, LeafReport& report) const {
  const auto values = rows_.values();
  if (!values) {
    add_finding(report.integrity, event.id, values.error().message);
    return;
  }
  contents.add(static_cast<std::size_t>(event.id - first_id_), *values, event.summary,
               event.detail);
}

void LeafCheck::miss(EventId id, LeafReport& report) {
  const auto index = static_cast<std::size_t>(id - first_id_);
  if (index < leaves_.size()) {
    entry_.clear();
    append_absent_entry(entry_, id);
    if (leaves_[index] == leaf_hash(entry_)) {
      ++report.absent;
      return;
    }
  }
  add_id(report.missing, id);
}

// The complete subtrees of 256 leaves of the chunk.
Result<void> LeafCheck::check_nodes(std::int64_t chunk, LeafReport& report) {
  std::vector<Hash> nodes(leaves_.size() / tile_width);
  const std::uint64_t first = static_cast<std::uint64_t>(chunk) * nodes_per_chunk;
  const auto read = hashes_.read(1, first, nodes);
  if (!read) return fail(read.error());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const EventId id = first_id_ + static_cast<EventId>(i * tile_width);
    const std::span<const Hash> below(&leaves_[i * tile_width], tile_width);
    if (i < *read && subtree_hash(below) == nodes[i]) continue;
    add_finding(report.integrity, id,
                "the ledger's tree disagrees with the leaves of the events from " +
                    std::to_string(id) + " on");
    return {};
  }
  return {};
}

void LeafCheck::note_event(const StoredLeaf& row, LeafReport& report) const {
  const EventView& event = row.event;
  report.spans.add(event);
  if (event.category != category::audit) return;
  if (event.action == action::pruned || event.action == action::redacted) {
    note_deletion(event, report);
  }
  note_loss(report.completeness, event);
}

// Only those of this trail count: an import may have brought another's. Each is about what
// was there before it.
void LeafCheck::note_deletion(const EventView& event, LeafReport& report) const {
  if (event.action == action::pruned) {
    report.pruned = united(std::move(report.pruned), pruned_ids(event, trail_id_));
    return;
  }
  if (const auto erased = redacted_texts(event, trail_id_)) report.redacted.push_back(*erased);
}

}  // namespace agentaudit
