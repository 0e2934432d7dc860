#include "store/sqlite_chunks.h"

#include <algorithm>
#include <limits>

#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

// A part of the tail with fewer positions is built anew with what comes after it; a larger
// one stays as it is, so that a question after each commit does not go through all of it.
constexpr std::size_t part_positions_min = 2'048;

}  // namespace

Result<SqliteChunks::Version> SqliteChunks::version_of(SqliteConnection& connection) {
  const auto by_others = connection.integer("PRAGMA data_version");
  if (!by_others) return fail(by_others.error());
  return Version{.by_others = *by_others, .by_this = connection.total_changes()};
}

Result<bool> SqliteChunks::refresh(SqliteConnection& connection) {
  const auto version = version_of(connection);
  if (!version) return fail(version.error());
  if (!tail_is_whole_) drop_tail();
  if (version_ == *version) return false;
  version_.reset();
  tail_is_read_ = false;
  map_.chunks.resize(mapped_);

  const auto rewrites = sqlite_schema::rewrites(connection);
  if (!rewrites) return fail(rewrites.error());
  std::size_t kept = 0;
  if (*rewrites && **rewrites == rewrites_) {
    // Only what was not sealed may be another now.
    const auto sealed = [](const Chunk& chunk) { return chunk.bounds.has_value(); };
    kept = static_cast<std::size_t>(
        std::find_if_not(map_.chunks.begin(), map_.chunks.end(), sealed) - map_.chunks.begin());
  } else {
    drop_tail();
  }
  rewrites_ = rewrites->value_or(-1);
  if (auto read = read_map(connection, kept); !read) {
    *this = SqliteChunks();
    return fail(read.error());
  }
  std::erase_if(tail_, [&](const auto& part) { return part.first <= map_.covered; });
  version_ = *version;
  return true;
}

Result<void> SqliteChunks::read_map(SqliteConnection& connection, std::size_t kept) {
  std::int64_t first = std::numeric_limits<std::int64_t>::min();
  if (kept > 0) {
    first = sqlite_schema::chunk_of(kept < mapped_ ? map_.chunks[kept].first_id : map_.covered + 1);
  } else {
    map_.covered = 0;
  }
  map_.chunks.resize(kept);
  mapped_ = kept;
  auto read = extend_chunk_map(connection, map_, first);
  if (!read) return read;
  mapped_ = map_.chunks.size();
  return {};
}

Result<bool> SqliteChunks::read_tail(SqliteConnection& connection, EventId after) {
  if (tail_is_read_) return false;
  EventId covered = map_.covered;
  if (tail_is_whole_) {
    covered = std::max(covered, tail_end_);
  } else {
    covered = std::max(covered, after);
    tail_is_whole_ = covered == map_.covered;
  }
  const auto last_id = connection.integer("SELECT coalesce(max(id), 0) FROM events");
  if (!last_id) return fail(last_id.error());
  auto next = connection.prepare("SELECT min(id) FROM events WHERE id > ?1");
  if (!next) return fail(next.error());
  while (covered < *last_id) {
    next->bind(1, covered);
    const auto row = next->step();
    if (!row) return fail(row.error());
    const EventId first_id = next->integer(0);
    next->reset();
    covered = std::min(*last_id, sqlite_schema::last_id_of(sqlite_schema::chunk_of(first_id)));
    if (auto read = read_part(connection, first_id, covered); !read) {
      drop_tail();
      return fail(read.error());
    }
  }
  tail_end_ = covered;
  tail_is_read_ = true;
  map_.chunks.resize(mapped_);
  for (const auto& [first_id, part] : tail_) {
    const ColumnBounds& timestamps = part.built.bounds[index_of(Column::timestamp)];
    map_.chunks.push_back({.first_id = first_id,
                           .last_id = part.last_id,
                           .events = part.built.events,
                           .min_timestamp = Timestamp::from_ns(timestamps.min),
                           .max_timestamp = Timestamp::from_ns(timestamps.max)});
  }
  return true;
}

Result<void> SqliteChunks::read_part(SqliteConnection& connection, EventId first_id,
                                     EventId last_id) {
  const bool goes_on =
      !tail_.empty() && tail_.rbegin()->second.builder.positions() < part_positions_min &&
      sqlite_schema::chunk_of(tail_.rbegin()->first) == sqlite_schema::chunk_of(first_id);
  Part& part = goes_on ? tail_.rbegin()->second : tail_[first_id];
  const EventId from = goes_on ? part.last_id + 1 : first_id;
  auto read = read_rows(connection, from, last_id, part.builder, nullptr);
  if (!read) return read;
  part.last_id = last_id;
  part.built = part.builder.build();
  return {};
}

void SqliteChunks::drop_tail() {
  map_.chunks.resize(mapped_);
  tail_.clear();
  tail_end_ = 0;
  tail_is_whole_ = false;
  tail_is_read_ = false;
}

const BuiltChunk* SqliteChunks::in_tail(const Chunk& chunk) const {
  const auto part = tail_.find(chunk.first_id);
  return part == tail_.end() ? nullptr : &part->second.built;
}

}  // namespace agentaudit
