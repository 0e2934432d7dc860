// ChunkBuilder: events, position by position, to the columns of a chunk.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/column_blob.h"

namespace agentaudit {

// The columns of a chunk, or of a part of one at the end, in memory.
struct BuiltChunk {
  std::size_t positions = 0;
  std::int64_t events = 0;  // positions that are not deleted
  Positions deleted;
  ChunkBounds bounds{};
  std::array<std::vector<std::int64_t>, number_columns.size()> numbers;
  std::array<std::vector<DictionaryEntry>, coded_columns.size()> dictionaries;
  std::array<std::vector<std::uint16_t>, coded_columns.size()> codes;
};

// What the columns keep of an event.
struct ColumnValues {
  std::int64_t timestamp_ns = 0;
  std::int64_t duration_ms = 0;
  std::array<std::uint32_t, coded_columns.size()> coded{};
};

// The value of a trace id in its column. `bytes`: those of a hex id of the usual length;
// `text`: any other id; both empty: none.
[[nodiscard]] std::uint32_t trace_value_of_bytes(std::string_view bytes) noexcept;
[[nodiscard]] std::uint32_t trace_value_of_text(std::string_view text) noexcept;

// Not thread-safe.
class ChunkBuilder {
 public:
  // At most chunk_positions times.
  void append(const ColumnValues& values);
  // A position whose row is gone.
  void append_deleted();

  [[nodiscard]] std::size_t positions() const noexcept { return positions_; }
  [[nodiscard]] bool full() const noexcept { return positions_ == chunk_positions; }

  // The columns so far. The dictionaries are sorted only here: appending is the write path.
  [[nodiscard]] BuiltChunk build() const;
  void clear() noexcept;

 private:
  [[nodiscard]] ColumnBounds bounds_of_numbers(const std::vector<std::int64_t>& numbers) const;

  std::size_t positions_ = 0;
  Positions deleted_;
  std::array<std::vector<std::int64_t>, number_columns.size()> numbers_;
  std::array<std::vector<std::uint32_t>, coded_columns.size()> values_;
};

}  // namespace agentaudit
