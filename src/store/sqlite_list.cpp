#include "store/sqlite_list.h"

#include <algorithm>
#include <compare>
#include <limits>
#include <memory>
#include <optional>
#include <queue>

#include "store/list_cursor.h"
#include "store/sqlite_question.h"

namespace agentaudit {
namespace {

// Where an event stands in the order by (timestamp, id).
struct Key {
  Timestamp timestamp;
  EventId id = 0;

  friend auto operator<=>(const Key&, const Key&) = default;
};

// Counts what matches.
Result<void> count(SqliteQuestion& question, const ChunkFilter& filter, const Deadline& deadline,
                   ListResult& result) {
  struct Part {
    std::unique_ptr<Selection> selection = std::make_unique<Selection>();
    std::int64_t total = 0;
    bool exact = true;

    void merge(const Part& other) {
      total += other.total;
      exact = exact && other.exact;
    }
  };
  const auto chunks = question.candidates(filter);
  // Without a filter there is next to nothing to do.
  const std::size_t cores = filter.empty() ? 1 : question.cores(chunks, filter);
  auto counted = question.add_up<Part>(
      chunks, cores, [&](SqliteQuestion& asked, const Chunk& chunk, Part& part) -> Result<bool> {
        auto selected = asked.select(chunk, filter, false, deadline, *part.selection);
        if (!selected) return selected;
        part.exact = *selected;
        if (*selected) part.total += part.selection->count;
        return selected;
      });
  if (!counted) return fail(counted.error());
  result.total = counted->total;
  result.total_exact = counted->exact;
  return {};
}

// A page so far from the start that keeping all keys before it would take long begins at
// a time that is searched for: the last before which at most `offset` events stand.
class OffsetSearch {
 public:
  OffsetSearch(SqliteQuestion& question, bool newest_first, Selection& selection)
      : question_(question), newest_first_(newest_first), selection_(selection) {}

  // Narrows the filter and lowers the offset; the page stays the same.
  Result<void> narrow(ChunkFilter& filter, std::int64_t& offset) {
    if (auto counted = count_chunks(filter); !counted) return counted;
    if (low_ > high_) return {};
    while (low_ < high_) {
      if (auto halved = halve(filter, offset); !halved) return halved;
    }
    const Timestamp start = Timestamp::from_ns(low_);
    const auto before = count_before(filter, start);
    if (!before) return fail(before.error());
    (newest_first_ ? filter.until : filter.since) = start;
    offset -= *before;
    return {};
  }

 private:
  // What matches in each chunk, and between which times it can be.
  Result<void> count_chunks(const ChunkFilter& filter) {
    for (const Chunk& chunk : question_.chunks()) {
      auto counted = question_.select(chunk, filter, false, {}, selection_);
      if (!counted) return fail(counted.error());
      counts_.push_back(selection_.count);
      if (selection_.count == 0) continue;
      low_ = std::min(low_, chunk.min_timestamp.ns());
      high_ = std::max(high_, chunk.max_timestamp.ns());
    }
    low_ = std::max(low_, filter.since.ns());
    high_ = std::min(high_, filter.until.ns());
    return {};
  }

  // Newest first, the events after a time grow fewer as the time grows; oldest first,
  // those before it grow more.
  Result<void> halve(const ChunkFilter& filter, std::int64_t offset) {
    const auto half = static_cast<std::int64_t>(
        (static_cast<std::uint64_t>(high_) - static_cast<std::uint64_t>(low_)) / 2);
    const std::int64_t middle = newest_first_ ? low_ + half : high_ - half;
    const auto before = count_before(filter, Timestamp::from_ns(middle));
    if (!before) return fail(before.error());
    const bool near_enough = *before <= offset;
    if (newest_first_) {
      (near_enough ? high_ : low_) = near_enough ? middle : middle + 1;
    } else {
      (near_enough ? low_ : high_) = near_enough ? middle : middle - 1;
    }
    return {};
  }

  // How many matching events stand before those of the time.
  Result<std::int64_t> count_before(const ChunkFilter& filter, Timestamp time) {
    ChunkFilter narrowed = filter;
    if (newest_first_) {
      if (time.ns() == std::numeric_limits<std::int64_t>::max()) return 0;
      narrowed.since = std::max(filter.since, Timestamp::from_ns(time.ns() + 1));
    } else {
      if (time.ns() == std::numeric_limits<std::int64_t>::min()) return 0;
      narrowed.until = std::min(filter.until, Timestamp::from_ns(time.ns() - 1));
    }
    std::int64_t total = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const Chunk& chunk = question_.chunks()[i];
      if (counts_[i] == 0 || !chunk.overlaps(narrowed.since, narrowed.until)) continue;
      const bool whole = newest_first_ ? chunk.min_timestamp >= narrowed.since
                                       : chunk.max_timestamp <= narrowed.until;
      if (whole) {
        total += counts_[i];
        continue;
      }
      auto counted = question_.select(chunk, narrowed, false, {}, selection_);
      if (!counted) return fail(counted.error());
      total += selection_.count;
    }
    return total;
  }

  SqliteQuestion& question_;
  bool newest_first_;
  Selection& selection_;
  std::vector<std::int64_t> counts_;  // of each chunk
  // The time that is searched for lies between them.
  std::int64_t low_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t high_ = std::numeric_limits<std::int64_t>::min();
};

// Finds the keys of one page in time order.
class TimeOrderedPage {
 public:
  TimeOrderedPage(SqliteQuestion& question, const ListOpts& opts, ChunkFilter filter)
      : question_(question),
        newest_first_(opts.order == Order::newest_first),
        limit_(opts.limit),
        offset_(opts.offset),
        filter_(std::move(filter)) {
    workers_.emplace_back(newest_first_);
  }

  // At most opts.limit keys, in order; `more` tells whether others follow.
  Result<std::vector<Key>> find(const std::optional<ListCursor>& cursor, bool& more) {
    constexpr std::int64_t near_enough = 2'000;
    if (cursor) {
      after_ = Key{.timestamp = cursor->timestamp, .id = cursor->id};
    } else if (offset_ > near_enough && !filter_.needs_rows()) {
      auto narrowed =
          OffsetSearch(question_, newest_first_, *workers_[0].selection).narrow(filter_, offset_);
      if (!narrowed) return fail(narrowed.error());
    }
    const auto chunks = chunks_in_order();
    // In rounds that grow, so that a page from the first chunks costs no more than they.
    constexpr std::size_t round_max = 64;
    std::size_t round = 1;
    for (std::size_t next = 0; next < chunks.size(); round = std::min(round * 2, round_max)) {
      const std::size_t end = std::min(chunks.size(), next + round);
      if (complete_before(*chunks[next], workers_[0].best)) break;
      std::vector<const Chunk*> looked_at;
      for (; next < end; ++next) {
        if (may_hold_more(*chunks[next])) looked_at.push_back(chunks[next]);
      }
      if (auto scanned = scan(looked_at); !scanned) return fail(scanned.error());
    }
    return take(more);
  }

 private:
  // Orders a priority queue so that its top is the entry to give up first.
  struct Worse {
    bool newest_first;
    bool operator()(const Key& a, const Key& b) const { return newest_first ? a > b : a < b; }
  };
  using Best = std::priority_queue<Key, std::vector<Key>, Worse>;

  struct Worker {
    explicit Worker(bool newest_first) : best(Worse{newest_first}) {}

    std::unique_ptr<Selection> selection = std::make_unique<Selection>();
    Best best;
  };

  // The chunk with the most extreme timestamp first: then the first that cannot
  // improve the page ends the search.
  [[nodiscard]] std::vector<const Chunk*> chunks_in_order() const {
    std::vector<const Chunk*> chunks = question_.candidates(filter_);
    std::sort(chunks.begin(), chunks.end(), [&](const Chunk* a, const Chunk* b) {
      return newest_first_ ? a->max_timestamp > b->max_timestamp
                           : a->min_timestamp < b->min_timestamp;
    });
    return chunks;
  }

  // One more than the page, which tells whether there is a next one.
  [[nodiscard]] bool full(const Best& best) const {
    return best.size() > static_cast<std::size_t>(offset_ + limit_);
  }

  [[nodiscard]] bool complete_before(const Chunk& chunk, const Best& best) const {
    if (!full(best)) return false;
    return newest_first_ ? chunk.max_timestamp < best.top().timestamp
                         : chunk.min_timestamp > best.top().timestamp;
  }

  [[nodiscard]] bool may_hold_more(const Chunk& chunk) const {
    if (!after_) return true;
    return newest_first_ ? chunk.min_timestamp <= after_->timestamp
                         : chunk.max_timestamp >= after_->timestamp;
  }

  // Adds to the best what the chunks hold.
  Result<void> scan(std::span<const Chunk* const> chunks) {
    const std::size_t cores = question_.cores(chunks, filter_);
    while (workers_.size() < cores) workers_.emplace_back(newest_first_);
    auto scanned = question_.for_each_chunk(
        chunks, cores,
        [&](SqliteQuestion& question, const Chunk& chunk, std::size_t worker) -> Result<bool> {
          if (complete_before(chunk, workers_[worker].best)) return true;
          if (auto done = scan(question, chunk, workers_[worker]); !done) return fail(done.error());
          return true;
        });
    if (!scanned) return scanned;
    for (std::size_t i = 1; i < cores; ++i) {
      for (Best& best = workers_[i].best; !best.empty(); best.pop()) {
        // With an offset they may be hundreds of thousands.
        if (best.size() % 4'096 == 0) {
          auto in_time = question_.reader().connection().within_limits();
          if (!in_time) return in_time;
        }
        add(workers_[0].best, best.top());
      }
    }
    return {};
  }

  Result<void> scan(SqliteQuestion& question, const Chunk& chunk, Worker& worker) const {
    Selection& selection = *worker.selection;
    const auto columns = question.matching_columns(chunk, filter_, selection);
    if (!columns) return fail(columns.error());
    if (*columns == nullptr) return {};
    const auto timestamps = (*columns)->numbers(Column::timestamp);
    if (!timestamps) return fail(timestamps.error());
    const Worse better{newest_first_};
    // Time goes on as positions do, mostly: from that end the page is soon full of what stays.
    const std::size_t positions = timestamps->size();
    for (std::size_t i = 0; i < positions; ++i) {
      const std::size_t p = newest_first_ ? positions - 1 - i : i;
      if (selection.on[p] == 0) continue;
      const Key key{.timestamp = Timestamp::from_ns((*timestamps)[p]),
                    .id = chunk.first_id + static_cast<EventId>(p)};
      if (!after_ || better(*after_, key)) add(worker.best, key);
    }
    return {};
  }

  void add(Best& best, const Key& key) const {
    if (full(best)) {
      if (!Worse{newest_first_}(key, best.top())) return;
      best.pop();
    }
    best.push(key);
  }

  std::vector<Key> take(bool& more) {
    std::vector<Key> keys;
    Best& best = workers_[0].best;
    more = full(best);
    if (more) best.pop();
    // What the offset skips may be millions, and lies beneath the page.
    for (; best.size() > static_cast<std::size_t>(offset_); best.pop()) keys.push_back(best.top());
    std::reverse(keys.begin(), keys.end());
    return keys;
  }

  SqliteQuestion& question_;
  bool newest_first_;
  std::int64_t limit_;
  std::int64_t offset_;
  ChunkFilter filter_;
  std::optional<Key> after_;
  std::vector<Worker> workers_;  // the first has the best of all
};

Result<void> read_time_ordered_page(SqliteQuestion& question, const ListOpts& opts,
                                    const ChunkFilter& filter,
                                    const std::optional<ListCursor>& cursor, ListResult& result) {
  bool more = false;
  const auto keys = TimeOrderedPage(question, opts, filter).find(cursor, more);
  if (!keys) return fail(keys.error());
  for (const Key& key : *keys) {
    auto event = question.reader().event(key.id);
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

// Finds the ids of one page in commit order.
class CommitOrderedPage {
 public:
  CommitOrderedPage(SqliteQuestion& question, const ListOpts& opts, const ChunkFilter& filter)
      : question_(question),
        filter_(filter),
        selection_(std::make_unique<Selection>()),
        wanted_(static_cast<std::size_t>(opts.limit + 1)),
        to_skip_(opts.offset) {}

  // One more than the page where others follow. The tail is read only if the page needs it.
  Result<std::vector<EventId>> find(EventId after, bool with_tail) {
    std::size_t next = 0;
    if (auto found = look(after, next); !found) return fail(found.error());
    if (with_tail && ids_.size() < wanted_) {
      if (auto read = question_.read_tail(after); !read) return fail(read.error());
      if (auto found = look(after, next); !found) return fail(found.error());
    }
    return std::move(ids_);
  }

 private:
  // Goes on at the chunk `next`.
  Result<void> look(EventId after, std::size_t& next) {
    for (; next < question_.chunks().size() && ids_.size() < wanted_; ++next) {
      const Chunk& chunk = question_.chunks()[next];
      if (chunk.last_id <= after) continue;
      const auto selected = question_.select(chunk, filter_, true, {}, *selection_);
      if (!selected) return fail(selected.error());
      if (selection_->kind == Selection::Kind::none) continue;
      if (chunk.first_id > after && selection_->count <= to_skip_) {
        to_skip_ -= selection_->count;
        continue;
      }
      if (auto taken = take(chunk, after); !taken) return taken;
    }
    return {};
  }

  Result<void> take(const Chunk& chunk, EventId after) {
    auto columns = question_.columns(chunk);
    if (!columns) return fail(columns.error());
    if (selection_->kind == Selection::Kind::all) spell_out(**columns, *selection_);
    for (std::size_t p = 0; p < (*columns)->positions() && ids_.size() < wanted_; ++p) {
      const EventId id = chunk.first_id + static_cast<EventId>(p);
      if (selection_->on[p] == 0 || id <= after) continue;
      if (to_skip_ > 0) {
        --to_skip_;
      } else {
        ids_.push_back(id);
      }
    }
    return {};
  }

  SqliteQuestion& question_;
  const ChunkFilter& filter_;
  std::unique_ptr<Selection> selection_;
  std::size_t wanted_;
  std::int64_t to_skip_;
  std::vector<EventId> ids_;
};

Result<void> read_commit_ordered_page(SqliteQuestion& question, const ListOpts& opts,
                                      const ChunkFilter& filter,
                                      const std::optional<ListCursor>& cursor, ListResult& result) {
  // Counting needs the tail, and has read it.
  auto ids = CommitOrderedPage(question, opts, filter)
                 .find(cursor ? cursor->id : 0, opts.total == TotalMode::none);
  if (!ids) return fail(ids.error());
  const bool more = ids->size() > static_cast<std::size_t>(opts.limit);
  if (more) ids->pop_back();
  for (const EventId id : *ids) {
    auto event = question.reader().event(id);
    if (!event) return fail(event.error());
    result.events.push_back(std::move(*event));
  }
  if (more)
    result.next_cursor = ListCursor{.timestamp = {}, .id = ids->back()}.to_string(opts.order);
  return {};
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
  auto question = SqliteQuestion::open(reader);
  if (!question) return fail(question.error());
  if (opts.order != Order::commit || opts.total != TotalMode::none) {
    if (auto read = question->read_tail(); !read) return fail(read.error());
  }
  const auto filter = filter_of(reader, opts);
  if (!filter) return fail(filter.error());

  ListResult result;
  result.limit = opts.limit;
  result.offset = opts.offset;
  result.total_exact = opts.total != TotalMode::none;
  const auto page = opts.order == Order::commit
                        ? read_commit_ordered_page(*question, opts, *filter, cursor, result)
                        : read_time_ordered_page(*question, opts, *filter, cursor, result);
  if (!page) return fail(page.error());
  if (opts.total == TotalMode::none) return result;
  Deadline deadline;
  if (!filter->needle.empty() && opts.total == TotalMode::automatic) {
    deadline = std::chrono::steady_clock::now() + search_total_budget;
  }
  if (auto counted = count(*question, *filter, deadline, result); !counted) {
    // The page is there, and whoever takes a lower bound wants it also when the time of
    // the whole question is up.
    const bool late = deadline && counted.error().code == ErrorCode::cancelled &&
                      !reader.connection().stop_requested();
    if (!late) return fail(counted.error());
    result.total_exact = false;
  }
  if (!result.events.empty()) {
    // A search that found more than it counted in time knows at least that much.
    result.total =
        std::max(result.total, opts.offset + static_cast<std::int64_t>(result.events.size()));
  }
  return result;
}

}  // namespace agentaudit
