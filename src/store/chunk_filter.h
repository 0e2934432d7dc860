// ChunkFilter: a question's filters as the columns know them, and what they select in a
// chunk.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "agentaudit/core/timestamp.h"
#include "store/chunk_columns.h"
#include "store/chunk_map.h"

namespace agentaudit {

// One column must carry one of the values, or none of them.
struct CodedCondition {
  Column column = Column::category;
  std::vector<std::uint32_t> values{};  // sorted
  bool exclude = false;
};

struct ChunkFilter {
  Timestamp since = Timestamp::from_ns(std::numeric_limits<std::int64_t>::min());  // inclusive
  Timestamp until = Timestamp::from_ns(std::numeric_limits<std::int64_t>::max());  // inclusive
  std::vector<CodedCondition> conditions{};

  // What only a row can tell; the conditions let through every event that could match.
  std::string trace_id{};                       // empty: no filter
  std::vector<std::int64_t> without_trace{};    // sorted: the chunks that cannot hold it
  std::string needle{};                         // in lower case; empty: no filter
  std::vector<std::uint32_t> needle_targets{};  // sorted: the targets that hold the needle

  // Whether all events match, but for their times.
  [[nodiscard]] bool empty() const noexcept { return conditions.empty() && !needs_rows(); }
  [[nodiscard]] bool needs_rows() const noexcept { return !trace_id.empty() || !needle.empty(); }
};

// The positions of one chunk that match.
struct Selection {
  enum class Kind : std::uint8_t { none, some, all };  // all: every event that is there
  Kind kind = Kind::none;
  std::int64_t count = 0;
  // 1 or 0 for each position; only where `some` was asked for with positions.
  std::array<std::uint8_t, chunk_positions> on;
};

// False: nothing of the chunk can match, by its times and the bounds of its columns.
[[nodiscard]] bool may_hold(const Chunk& chunk, const ChunkFilter& filter);

// What the columns alone can tell. Without `with_positions`, `some` may leave `on` alone.
// Errors: those of the columns.
[[nodiscard]] Result<void> select(const Chunk& chunk, ChunkColumns& columns,
                                  const ChunkFilter& filter, bool with_positions,
                                  Selection& selection);

// Makes `on` say what `all` means.
void spell_out(const ChunkColumns& columns, Selection& selection);

}  // namespace agentaudit
