#include "store/sqlite_list.h"

#include <algorithm>
#include <compare>
#include <limits>
#include <optional>
#include <queue>

#include "store/chunk_map.h"
#include "store/list_cursor.h"
#include "store/sqlite_filter.h"

namespace agentaudit {
namespace {

using sqlite_schema::NameKind;

// Where an event stands in the order by (timestamp, id).
struct Key {
  Timestamp timestamp;
  EventId id = 0;

  friend auto operator<=>(const Key&, const Key&) = default;
};

// The filters that look at the row itself; those on time stand apart because a chunk's
// bounds may already answer them.
SqliteFilter row_filter(const ListOpts& opts, int first_parameter) {
  SqliteFilter filter(first_parameter);
  filter.names(NameKind::category, opts.categories);
  filter.names(NameKind::status, opts.statuses);
  filter.names(NameKind::agent, opts.agents);
  filter.names(NameKind::source, opts.sources);
  filter.names_except(NameKind::source, opts.exclude_sources);
  filter.names(NameKind::target, opts.targets);
  filter.name(NameKind::conversation, opts.conversation_id);
  filter.trace_id(opts.trace_id);
  filter.search(opts.search);
  return filter;
}

SqliteFilter full_filter(const ListOpts& opts, int first_parameter) {
  SqliteFilter filter = row_filter(opts, first_parameter);
  filter.since(opts.since);
  filter.until(opts.until);
  return filter;
}

// The query's range of time, widest where it is open.
struct TimeRange {
  explicit TimeRange(const ListOpts& opts)
      : since(opts.since.value_or(Timestamp::from_ns(std::numeric_limits<std::int64_t>::min()))),
        until(opts.until.value_or(Timestamp::from_ns(std::numeric_limits<std::int64_t>::max()))) {}

  Timestamp since;
  Timestamp until;
};

// Counts what matches: chunk by chunk, from their bounds where those say it all.
class Counter {
 public:
  Counter(SqliteReader& reader, const ListOpts& opts, std::chrono::milliseconds search_total_budget)
      : reader_(reader), opts_(opts), filter_(full_filter(opts, 3)), range_(opts) {
    if (!opts.search.empty() && opts.total == TotalMode::automatic) {
      deadline_ = std::chrono::steady_clock::now() + search_total_budget;
    }
  }

  Result<void> count(const std::vector<Chunk>& chunks, ListResult& result) {
    const bool any_row = row_filter(opts_, 1).sql() == "1";
    auto statement = reader_.connection().prepare(
        "SELECT count(*) FROM events WHERE id BETWEEN ?1 AND ?2 AND " + filter_.sql());
    if (!statement) return fail(statement.error());
    filter_.bind(*statement);
    for (const Chunk& chunk : chunks) {
      if (!chunk.overlaps(range_.since, range_.until)) continue;
      if (any_row && chunk.within(range_.since, range_.until)) {
        result.total += chunk.events;
        continue;
      }
      auto counted = count_rows(*statement, chunk, result);
      if (!counted || !result.total_exact) return counted;
    }
    return {};
  }

 private:
  // In parts, because the details of a whole chunk may hold gigabytes.
  Result<void> count_rows(SqliteStatement& statement, const Chunk& chunk, ListResult& result) {
    constexpr std::int64_t ids_per_part = sqlite_schema::chunk_events / 16;
    for (EventId first = chunk.first_id; first <= chunk.last_id; first += ids_per_part) {
      if (deadline_ && std::chrono::steady_clock::now() > *deadline_) {
        result.total_exact = false;
        return {};
      }
      statement.bind(1, first);
      statement.bind(2, std::min(chunk.last_id, first + ids_per_part - 1));
      const auto row = statement.step();
      if (!row) return fail(row.error());
      result.total += statement.integer(0);
      statement.reset();
    }
    return {};
  }

  SqliteReader& reader_;
  const ListOpts& opts_;
  SqliteFilter filter_;
  TimeRange range_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
};

// Finds the keys of one page in time order.
class TimeOrderedPage {
 public:
  TimeOrderedPage(SqliteReader& reader, const ListOpts& opts, std::vector<Chunk> chunks)
      : reader_(reader),
        opts_(opts),
        newest_first_(opts.order == Order::newest_first),
        wanted_(static_cast<std::size_t>(opts.offset + opts.limit)),
        range_(opts),
        chunks_(std::move(chunks)),
        best_(Worse{newest_first_}) {}

  // At most opts.limit keys, in order; `more` tells whether others follow.
  Result<std::vector<Key>> find(const std::optional<ListCursor>& cursor, bool& more) {
    if (cursor) after_ = Key{.timestamp = cursor->timestamp, .id = cursor->id};
    sort_chunks();
    SqliteFilter filter = full_filter(opts_, 3);
    if (after_) {
      const std::string ns = std::to_string(after_->timestamp.ns());
      const std::string op = newest_first_ ? "<" : ">";
      filter.condition("timestamp " + op + " " + ns + " OR (timestamp = " + ns + " AND id " + op +
                       " " + std::to_string(after_->id) + ")");
    }
    auto statement = reader_.connection().prepare(
        "SELECT id, timestamp FROM events WHERE id BETWEEN ?1 AND ?2 AND " + filter.sql());
    if (!statement) return fail(statement.error());
    filter.bind(*statement);
    for (const Chunk& chunk : chunks_) {
      if (complete_before(chunk)) break;
      if (!may_hold_more(chunk)) continue;
      if (auto scanned = scan(*statement, chunk); !scanned) return fail(scanned.error());
    }
    return take(more);
  }

 private:
  // Orders a priority queue so that its top is the entry to give up first.
  struct Worse {
    bool newest_first;
    bool operator()(const Key& a, const Key& b) const { return newest_first ? a > b : a < b; }
  };

  // The chunk with the most extreme timestamp first: then the first that cannot
  // improve the page ends the search.
  void sort_chunks() {
    std::sort(chunks_.begin(), chunks_.end(), [&](const Chunk& a, const Chunk& b) {
      return newest_first_ ? a.max_timestamp > b.max_timestamp : a.min_timestamp < b.min_timestamp;
    });
  }

  // One more than the page, which tells whether there is a next one.
  [[nodiscard]] bool full() const { return best_.size() > wanted_; }

  [[nodiscard]] bool complete_before(const Chunk& chunk) const {
    if (!full()) return false;
    return newest_first_ ? chunk.max_timestamp < best_.top().timestamp
                         : chunk.min_timestamp > best_.top().timestamp;
  }

  [[nodiscard]] bool may_hold_more(const Chunk& chunk) const {
    if (!chunk.overlaps(range_.since, range_.until)) return false;
    if (!after_) return true;
    return newest_first_ ? chunk.min_timestamp <= after_->timestamp
                         : chunk.max_timestamp >= after_->timestamp;
  }

  Result<void> scan(SqliteStatement& statement, const Chunk& chunk) {
    statement.bind(1, chunk.first_id);
    statement.bind(2, chunk.last_id);
    const Worse worse{newest_first_};
    while (true) {
      const auto row = statement.step();
      if (!row) return fail(row.error());
      if (!*row) return {};
      const Key key{.timestamp = Timestamp::from_ns(statement.integer(1)),
                    .id = statement.integer(0)};
      if (full()) {
        if (!worse(key, best_.top())) continue;
        best_.pop();
      }
      best_.push(key);
    }
  }

  std::vector<Key> take(bool& more) {
    std::vector<Key> keys;
    more = full();
    if (more) best_.pop();
    while (!best_.empty()) {
      keys.push_back(best_.top());
      best_.pop();
    }
    std::reverse(keys.begin(), keys.end());
    const auto skipped = std::min(keys.size(), static_cast<std::size_t>(opts_.offset));
    keys.erase(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(skipped));
    return keys;
  }

  SqliteReader& reader_;
  const ListOpts& opts_;
  bool newest_first_;
  std::size_t wanted_;
  TimeRange range_;
  std::vector<Chunk> chunks_;
  std::optional<Key> after_;
  std::priority_queue<Key, std::vector<Key>, Worse> best_;
};

Result<void> read_time_ordered_page(SqliteReader& reader, const ListOpts& opts,
                                    const std::optional<ListCursor>& cursor,
                                    std::vector<Chunk> chunks, ListResult& result) {
  bool more = false;
  const auto keys = TimeOrderedPage(reader, opts, std::move(chunks)).find(cursor, more);
  if (!keys) return fail(keys.error());
  for (const Key& key : *keys) {
    auto event = reader.event(key.id);
    if (!event) return fail(event.error());
    result.events.push_back(std::move(*event));
  }
  if (more && !keys->empty()) {
    result.next_cursor =
        ListCursor{.timestamp = keys->back().timestamp, .id = keys->back().id}.to_string(
            opts.order);
  }
  return {};
}

Result<void> read_commit_ordered_page(SqliteReader& reader, const ListOpts& opts,
                                      const std::optional<ListCursor>& cursor, ListResult& result) {
  const SqliteFilter filter = full_filter(opts, 4);
  auto statement = reader.connection().prepare(
      "SELECT " + std::string(SqliteReader::event_columns) + " FROM events WHERE id > ?1 AND " +
      filter.sql() + " ORDER BY id LIMIT ?2 OFFSET ?3");
  if (!statement) return fail(statement.error());
  filter.bind(*statement);
  statement->bind(1, cursor ? cursor->id : 0);
  statement->bind(2, opts.limit + 1);
  statement->bind(3, opts.offset);
  while (true) {
    const auto row = statement->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    if (result.events.size() == static_cast<std::size_t>(opts.limit)) {
      result.next_cursor =
          ListCursor{.timestamp = {}, .id = result.events.back().id}.to_string(opts.order);
      return {};
    }
    auto event = reader.read_event(*statement);
    if (!event) return fail(event.error());
    result.events.push_back(std::move(*event));
  }
}

}  // namespace

Result<ListResult> sqlite_list(SqliteReader& reader, const ListOpts& opts,
                               std::chrono::milliseconds search_total_budget) {
  std::optional<ListCursor> cursor;
  if (!opts.cursor.empty()) {
    auto parsed = ListCursor::parse(opts.cursor, opts.order);
    if (!parsed) return fail(parsed.error());
    cursor = *parsed;
  }
  auto transaction = SqliteTransaction::begin_read(reader.connection());
  if (!transaction) return fail(transaction.error());

  ListResult result;
  result.limit = opts.limit;
  result.offset = opts.offset;
  result.total_exact = opts.total != TotalMode::none;
  std::vector<Chunk> chunks;
  if (opts.order != Order::commit || opts.total != TotalMode::none) {
    auto read = read_chunk_map(reader.connection());
    if (!read) return fail(read.error());
    chunks = std::move(*read);
  }
  const auto page = opts.order == Order::commit
                        ? read_commit_ordered_page(reader, opts, cursor, result)
                        : read_time_ordered_page(reader, opts, cursor, chunks, result);
  if (!page) return fail(page.error());
  if (opts.total != TotalMode::none) {
    if (auto counted = Counter(reader, opts, search_total_budget).count(chunks, result); !counted) {
      return fail(counted.error());
    }
  }
  if (opts.total != TotalMode::none && !result.events.empty()) {
    // A search that found more than it counted in time knows at least that much.
    result.total =
        std::max(result.total, opts.offset + static_cast<std::int64_t>(result.events.size()));
  }
  return result;
}

}  // namespace agentaudit
