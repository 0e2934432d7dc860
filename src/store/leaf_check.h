// LeafCheck: whether the events of one chunk are what their leaves say, for
// SqliteStore::verify.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentaudit/core/verification.h"
#include "store/id_ranges.h"
#include "store/span_check.h"
#include "store/sqlite_chunk_check.h"
#include "store/sqlite_leaf.h"
#include "store/sqlite_tree.h"
#include "store/trail_record.h"

namespace agentaudit {

struct LeafReport {
  std::int64_t events = 0;
  std::int64_t absent = 0;
  std::int64_t waiting = 0;
  IdRanges missing;                   // gone, which a `pruned` event has to name
  IdRanges pruned;                    // what the `pruned` events of this chunk name
  std::vector<ErasedTexts> erased;    // which a `redacted` event has to name
  std::vector<ErasedTexts> redacted;  // what the `redacted` events of this chunk name
  // When the first and the last of its events were recorded.
  std::optional<Timestamp> first_recorded;
  std::optional<Timestamp> last_recorded;
  SpanEvents spans;
  VerifyFindings integrity;
  VerifyFindings completeness;
};

// Not thread-safe; belongs to one connection in a read transaction, which must outlive it.
class LeafCheck {
 public:
  // `size`: leaves of the tree; `backlog`: the greatest id that may be without one.
  [[nodiscard]] static Result<LeafCheck> make(SqliteConnection& connection, std::uint64_t size,
                                              EventId backlog, std::string trail_id);

  // Also puts the events into `contents`, so that they are read only once. Errors: those of
  // reading. What is wrong with the chunk is in the report.
  [[nodiscard]] Result<LeafReport> check(std::int64_t chunk, ChunkContents* contents = nullptr);

 private:
  LeafCheck(SqliteLeaves rows, sqlite_tree::Hashes hashes, std::uint64_t size, EventId backlog,
            std::string trail_id)
      : rows_(std::move(rows)),
        hashes_(std::move(hashes)),
        size_(size),
        backlog_(backlog),
        trail_id_(std::move(trail_id)) {}

  void compare(const StoredLeaf& row, LeafReport& report) const;
  void miss(EventId id, LeafReport& report);
  void collect(const EventView& event, ChunkContents& contents, LeafReport& report) const;
  [[nodiscard]] Result<void> check_nodes(std::int64_t chunk, LeafReport& report);
  void note_event(const StoredLeaf& row, LeafReport& report) const;
  void note_deletion(const EventView& event, LeafReport& report) const;

  SqliteLeaves rows_;
  sqlite_tree::Hashes hashes_;
  std::uint64_t size_;
  EventId backlog_;
  std::string trail_id_;
  std::vector<Hash> leaves_;  // of the chunk, as they are stored, until the first that is missing
  EventId first_id_ = 0;
  std::string entry_;
};

}  // namespace agentaudit
