// The events of a trail as leaves of its ledger, wherever they are stored.
#pragma once

#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "ledger/hash.h"
#include "ledger/leaf.h"

namespace agentaudit {

// A row and what its leaf is made of. Views are valid until the next row.
struct StoredLeaf {
  EventView event;
  Timestamp recorded_at;
  std::string_view nonce;
  Commitments commitments;
  Hash hash{};
  // Which texts were erased; the commitments are then those that were kept.
  bool summary_redacted = false;
  bool detail_redacted = false;
  // Whether ids and names are stored as a writer stores them; no question finds others.
  bool as_written = true;
};

// Not thread-safe; reads within a snapshot that its maker keeps.
class LeafReader {
 public:
  LeafReader() = default;
  LeafReader(const LeafReader&) = delete;
  LeafReader& operator=(const LeafReader&) = delete;
  LeafReader(LeafReader&&) = default;
  LeafReader& operator=(LeafReader&&) = default;
  virtual ~LeafReader() = default;

  // Begins with the rows of these ids, in their order.
  virtual void seek(EventId first, EventId last) = 0;
  // The next row; nullptr: there is none left. Errors: corrupt (an id that is not after the one
  // before it, or was not asked for), and those of reading.
  [[nodiscard]] virtual Result<const StoredLeaf*> next() = 0;
  // Ends before the last row.
  virtual void end() noexcept = 0;
};

}  // namespace agentaudit
