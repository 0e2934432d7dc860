// SqliteQuestion: what every question shares: the chunks, the tail, and a filter that is
// followed down to the rows.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "agentaudit/core/query.h"
#include "store/chunk_filter.h"
#include "store/sqlite_columns.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

// Must live inside one read transaction of the reader's connection. Not thread-safe.
class SqliteQuestion {
 public:
  // Without the tail.
  [[nodiscard]] static Result<SqliteQuestion> open(SqliteReader& reader);
  // Adds what has no row in `chunks`, as far as its ids are greater than `after`.
  [[nodiscard]] Result<void> read_tail(EventId after = 0);

  // In id order; those without events are left out.
  [[nodiscard]] const std::vector<Chunk>& chunks() const noexcept { return chunks_; }

  // Valid until columns of another chunk are asked for.
  [[nodiscard]] Result<ChunkColumns*> columns(const Chunk& chunk);

  // What matches in the chunk, rows looked at where the filter needs them. False: the
  // deadline came first, and the selection says nothing.
  [[nodiscard]] Result<bool> select(const Chunk& chunk, const ChunkFilter& filter,
                                    bool with_positions, const Deadline& deadline,
                                    Selection& selection);

  [[nodiscard]] SqliteReader& reader() noexcept { return *reader_; }

 private:
  explicit SqliteQuestion(SqliteReader& reader) : reader_(&reader) {}

  [[nodiscard]] Result<std::unique_ptr<BuiltChunk>> build(EventId first_id, EventId last_id);
  [[nodiscard]] Result<void> keep_trace(const Chunk& chunk, const ChunkFilter& filter,
                                        Selection& selection);
  [[nodiscard]] Result<bool> keep_needle(const Chunk& chunk, ChunkColumns& columns,
                                         const ChunkFilter& filter, const Deadline& deadline,
                                         Selection& selection);

  SqliteReader* reader_;
  std::vector<Chunk> chunks_;
  EventId covered_ = 0;                                  // by rows of `chunks`
  std::map<EventId, std::unique_ptr<BuiltChunk>> tail_;  // by its first id
  std::unique_ptr<BuiltChunk> unsealed_;                 // the one read last
  EventId unsealed_first_id_ = 0;
  const Chunk* built_chunk_ = nullptr;
  std::unique_ptr<BuiltColumns> built_columns_;  // of built_chunk_
};

// The filters of each question. A name that no event has matches nothing.
[[nodiscard]] Result<ChunkFilter> filter_of(SqliteReader& reader, const ListOpts& opts);
[[nodiscard]] Result<ChunkFilter> filter_of(SqliteReader& reader, const StatsOpts& opts);
[[nodiscard]] Result<ChunkFilter> filter_of(SqliteReader& reader, const GroupsOpts& opts);
[[nodiscard]] Result<ChunkFilter> filter_of(SqliteReader& reader, const ConversationsOpts& opts);

}  // namespace agentaudit
