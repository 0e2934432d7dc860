// SqliteQuestion: what every question shares: the chunks, the tail, and a filter that is
// followed down to the rows.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
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
  [[nodiscard]] const std::vector<Chunk>& chunks() const noexcept {
    return reader_->chunks().chunks();
  }

  // Valid until columns of another chunk are asked for.
  [[nodiscard]] Result<ChunkColumns*> columns(const Chunk& chunk);

  // What matches in the chunk, rows looked at where the filter needs them. False: the
  // deadline came first, and the selection says nothing.
  [[nodiscard]] Result<bool> select(const Chunk& chunk, const ChunkFilter& filter,
                                    bool with_positions, const Deadline& deadline,
                                    Selection& selection);

  // The columns of a chunk of which something matches, its positions spelt out; nullptr:
  // nothing does. Without a deadline.
  [[nodiscard]] Result<ChunkColumns*> matching_columns(const Chunk& chunk,
                                                       const ChunkFilter& filter,
                                                       Selection& selection);

  // The chunks of which something may match, in id order.
  [[nodiscard]] std::vector<const Chunk*> candidates(const ChunkFilter& filter) const;
  // How many cores it is worth to go through the chunks on.
  [[nodiscard]] std::size_t cores(std::span<const Chunk* const> chunks,
                                  const ChunkFilter& filter) const;
  // Calls `work(question, chunk, worker)` for each chunk, on `cores` of them. The question
  // is this one or one that stands for it on another thread; `worker` is below `cores`, and
  // no two calls at the same time have the same. It may begin anywhere in the order, and
  // ends early where `work` answers false or an error, the first of which is returned.
  using ChunkWork = std::function<Result<bool>(SqliteQuestion&, const Chunk&, std::size_t)>;
  [[nodiscard]] Result<void> for_each_chunk(std::span<const Chunk* const> chunks, std::size_t cores,
                                            const ChunkWork& work);

  // What `work(question, chunk, part)` adds up of all the chunks: each core has a Part of its
  // own, and `merge` adds another's to one. Ends early as for_each_chunk does.
  template <typename Part, typename Work>
  [[nodiscard]] Result<Part> add_up(std::span<const Chunk* const> chunks, std::size_t cores,
                                    const Work& work) {
    std::vector<Part> parts(cores);
    auto done = for_each_chunk(
        chunks, parts.size(),
        [&](SqliteQuestion& question, const Chunk& chunk, std::size_t worker) -> Result<bool> {
          return work(question, chunk, parts[worker]);
        });
    if (!done) return fail(done.error());
    for (std::size_t i = 1; i < parts.size(); ++i) parts[0].merge(std::move(parts[i]));
    return std::move(parts[0]);
  }

  [[nodiscard]] SqliteReader& reader() noexcept { return *reader_; }

 private:
  explicit SqliteQuestion(SqliteReader& reader) : reader_(&reader) {}

  [[nodiscard]] Result<void> keep_trace(const Chunk& chunk, const ChunkFilter& filter,
                                        Selection& selection);
  [[nodiscard]] Result<bool> keep_needle(const Chunk& chunk, ChunkColumns& columns,
                                         const ChunkFilter& filter, const Deadline& deadline,
                                         Selection& selection);

  SqliteReader* reader_;
  std::unique_ptr<BuiltChunk> unsealed_;  // the one read last
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
