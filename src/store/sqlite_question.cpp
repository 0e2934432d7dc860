#include "store/sqlite_question.h"

#include <algorithm>
#include <atomic>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "core/ascii.h"
#include "core/out_of_memory.h"
#include "store/contains.h"
#include "store/sqlite_row.h"
#include "store/sqlite_scan.h"
#include "store/sqlite_team.h"

namespace agentaudit {
namespace {

using sqlite_schema::NameKind;

// What is not sealed is known to the lead alone.
bool is_shared(const Chunk& chunk) { return chunk.bounds.has_value(); }

// Fewer rows than one in that many are looked up one by one.
constexpr std::int64_t sparse = 16;

// The ids of the names of a kind; those that are not there are left out.
Result<std::vector<std::uint32_t>> ids_of(SqliteReader& reader, NameKind kind,
                                          const std::vector<std::string>& names) {
  auto statement =
      reader.connection().prepare("SELECT id FROM names WHERE kind = ?1 AND name = ?2");
  if (!statement) return fail(statement.error());
  std::vector<std::uint32_t> ids;
  for (const std::string& name : names) {
    if (name.empty()) {
      ids.push_back(0);
      continue;
    }
    statement->bind(1, static_cast<std::int64_t>(kind));
    statement->bind_text(2, name);
    const auto row = statement->step();
    if (!row) return fail(row.error());
    if (*row) ids.push_back(static_cast<std::uint32_t>(statement->integer(0)));
    statement->reset();
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<std::vector<std::uint32_t>> targets_that_hold(SqliteReader& reader,
                                                     const std::string& needle) {
  auto statement = reader.connection().prepare("SELECT id, name FROM names WHERE kind = ?1");
  if (!statement) return fail(statement.error());
  statement->bind(1, static_cast<std::int64_t>(NameKind::target));
  std::vector<std::uint32_t> ids;
  auto read = for_each_row(*statement, [&](const SqliteStatement& row) -> Result<void> {
    if (contains_ignoring_case(row.bytes(1), needle)) {
      ids.push_back(static_cast<std::uint32_t>(row.integer(0)));
    }
    return {};
  });
  if (!read) return fail(read.error());
  std::sort(ids.begin(), ids.end());
  return ids;
}

// Adds a condition unless the question leaves the field open.
Result<void> add(SqliteReader& reader, ChunkFilter& filter, NameKind kind,
                 const std::vector<std::string>& names, bool exclude = false) {
  if (names.empty()) return {};
  auto ids = ids_of(reader, kind, names);
  if (!ids) return fail(ids.error());
  if (exclude && ids->empty()) return {};
  filter.conditions.push_back(
      {.column = column_of(kind), .values = std::move(*ids), .exclude = exclude});
  return {};
}

void add_times(ChunkFilter& filter, const std::optional<Timestamp>& since,
               const std::optional<Timestamp>& until) {
  if (since) filter.since = *since;
  if (until) filter.until = *until;
}

Result<void> add_trace(SqliteReader& reader, ChunkFilter& filter, const std::string& trace_id) {
  if (trace_id.empty()) return {};
  filter.trace_id = trace_id;
  StoredTraceId stored;
  stored.assign(trace_id);
  const std::uint32_t value = stored.is_bytes() ? trace_value_of_bytes(stored.value())
                                                : trace_value_of_text(stored.value());
  filter.conditions.push_back({.column = Column::trace, .values = {value}});
  std::int64_t first = 0;
  std::int64_t last = -1;
  for (const Chunk& chunk : reader.chunks().chunks()) {
    if (!chunk.bounds || !chunk.overlaps(filter.since, filter.until)) continue;
    const std::int64_t number = sqlite_schema::chunk_of(chunk.first_id);
    if (last < first) first = number;
    last = number;
  }
  if (last < first) return {};
  auto chunks = chunks_without_trace(reader.connection(), value, first, last);
  if (!chunks) return fail(chunks.error());
  filter.without_trace = std::move(*chunks);
  return {};
}

// The filters that questions of several kinds have.
template <typename Opts>
Result<ChunkFilter> common_filter(SqliteReader& reader, const Opts& opts) {
  ChunkFilter filter;
  add_times(filter, opts.since, opts.until);
  std::vector<std::string> conversations;
  if (!opts.conversation_id.empty()) conversations.push_back(opts.conversation_id);
  for (const auto& [kind, names] :
       {std::pair(NameKind::category, &opts.categories),
        std::pair(NameKind::status, &opts.statuses), std::pair(NameKind::agent, &opts.agents),
        std::pair(NameKind::source, &opts.sources), std::pair(NameKind::target, &opts.targets),
        std::pair(NameKind::conversation,
                  static_cast<const std::vector<std::string>*>(&conversations))}) {
    if (auto added = add(reader, filter, kind, *names); !added) return fail(added.error());
  }
  auto excluded = add(reader, filter, NameKind::source, opts.exclude_sources, true);
  if (!excluded) return fail(excluded.error());
  return filter;
}

// Calls `look` with each row of the chunk that is selected, a statement whose first column
// is the id; it answers whether the row stays selected.
template <typename Look>
Result<bool> keep_rows(SqliteConnection& connection, std::string_view columns, const Chunk& chunk,
                       std::size_t positions, const Deadline& deadline, Selection& selection,
                       Look look) {
  const bool one_by_one = selection.count * sparse < static_cast<std::int64_t>(positions);
  auto statement = connection.prepare("SELECT id, " + std::string(columns) +
                                      " FROM events WHERE id BETWEEN ?1 AND ?2");
  if (!statement) return fail(statement.error());
  const auto past = [&] { return deadline && std::chrono::steady_clock::now() > *deadline; };
  const auto keep = [&](const SqliteStatement& row) -> Result<void> {
    const auto p = static_cast<std::size_t>(row.integer(0) - chunk.first_id);
    if (p >= positions || selection.on[p] == 0) return {};
    if (!look(row, p)) {
      selection.on[p] = 0;
      --selection.count;
    }
    return {};
  };
  // In parts, because the details of a whole chunk may hold gigabytes.
  const std::size_t step = one_by_one ? 1 : 256;
  for (std::size_t p = 0; p < positions; p += step) {
    if (one_by_one && selection.on[p] == 0) continue;
    if (past()) return false;
    statement->bind(1, chunk.first_id + static_cast<EventId>(p));
    statement->bind(2, chunk.first_id + static_cast<EventId>(p + step - 1));
    if (auto read = for_each_row(*statement, keep); !read) return fail(read.error());
  }
  if (selection.count == 0) selection.kind = Selection::Kind::none;
  return true;
}

}  // namespace

Result<SqliteQuestion> SqliteQuestion::open(SqliteReader& reader) {
  const auto changed = reader.chunks().refresh(reader.connection());
  if (!changed) return fail(changed.error());
  if (*changed) reader.forget_columns();
  return SqliteQuestion(reader);
}

Result<void> SqliteQuestion::read_tail(EventId after) {
  const auto changed = reader_->chunks().read_tail(reader_->connection(), after);
  if (!changed) return fail(changed.error());
  if (!*changed) return {};
  // The chunks moved in memory.
  reader_->forget_columns();
  built_chunk_ = nullptr;
  return {};
}

Result<ChunkColumns*> SqliteQuestion::columns(const Chunk& chunk) {
  if (chunk.bounds) {
    auto sealed = reader_->sealed_columns();
    if (!sealed) return fail(sealed.error());
    if (auto moved = (*sealed)->move_to(chunk); !moved) return fail(moved.error());
    return *sealed;
  }
  if (built_chunk_ == &chunk) return built_columns_.get();
  built_chunk_ = nullptr;
  const BuiltChunk* built = reader_->chunks().in_tail(chunk);
  if (built == nullptr) {
    if (unsealed_first_id_ != chunk.first_id) {
      ChunkBuilder builder;
      auto read = read_rows(reader_->connection(), chunk.first_id, chunk.last_id, builder, nullptr);
      if (!read) return fail(read.error());
      unsealed_ = std::make_unique<BuiltChunk>(builder.build());
      unsealed_first_id_ = chunk.first_id;
    }
    built = unsealed_.get();
  }
  built_columns_ = std::make_unique<BuiltColumns>(*built);
  built_chunk_ = &chunk;
  return built_columns_.get();
}

Result<ChunkColumns*> SqliteQuestion::matching_columns(const Chunk& chunk,
                                                       const ChunkFilter& filter,
                                                       Selection& selection) {
  const auto selected = select(chunk, filter, true, {}, selection);
  if (!selected) return fail(selected.error());
  if (selection.kind == Selection::Kind::none) return nullptr;
  auto columns = this->columns(chunk);
  if (columns && selection.kind == Selection::Kind::all) spell_out(**columns, selection);
  return columns;
}

std::vector<const Chunk*> SqliteQuestion::candidates(const ChunkFilter& filter) const {
  std::vector<const Chunk*> candidates;
  for (const Chunk& chunk : chunks()) {
    if (may_hold(chunk, filter)) candidates.push_back(&chunk);
  }
  return candidates;
}

std::size_t SqliteQuestion::cores(std::span<const Chunk* const> chunks,
                                  const ChunkFilter& filter) const {
  const SqliteTeam* const team = reader_->team();
  if (team == nullptr) return 1;
  const std::size_t worth = filter.needle.empty() ? team->worth().columns : team->worth().rows;
  const auto shared = static_cast<std::size_t>(std::count_if(
      chunks.begin(), chunks.end(), [](const Chunk* chunk) { return is_shared(*chunk); }));
  return std::clamp<std::size_t>(shared / worth, 1, team->size());
}

namespace {

// Which chunk comes next, and what the first to end the work said.
class SharedWork {
 public:
  SharedWork(std::span<const Chunk* const> chunks, bool alone) {
    for (const Chunk* const chunk : chunks) {
      (alone || !is_shared(*chunk) ? of_lead_ : of_all_).push_back(chunk);
    }
  }

  // nullptr: none is left.
  const Chunk* next(bool lead) {
    if (ended_) return nullptr;
    if (lead && next_of_lead_ < of_lead_.size()) return of_lead_[next_of_lead_++];
    const std::size_t i = next_of_all_++;
    return i < of_all_.size() ? of_all_[i] : nullptr;
  }
  void end(Result<void> result) {
    if (!ended_.exchange(true)) result_ = std::move(result);
  }
  // Once all are done.
  [[nodiscard]] const Result<void>& result() const { return result_; }

 private:
  std::vector<const Chunk*> of_lead_;
  std::vector<const Chunk*> of_all_;
  std::size_t next_of_lead_ = 0;
  std::atomic<std::size_t> next_of_all_ = 0;
  std::atomic<bool> ended_ = false;
  Result<void> result_;
};

}  // namespace

Result<void> SqliteQuestion::for_each_chunk(std::span<const Chunk* const> chunks, std::size_t cores,
                                            const ChunkWork& work) {
  SharedWork shared(chunks, cores == 1);
  const auto go = [&](SqliteQuestion& question, std::size_t worker) {
    while (const Chunk* const chunk = shared.next(worker == 0)) {
      const auto goes_on = or_out_of_memory([&] { return work(question, *chunk, worker); });
      if (!goes_on) {
        shared.end(fail(goes_on.error()));
      } else if (!*goes_on) {
        shared.end({});
      }
    }
  };
  if (cores == 1) {
    go(*this, 0);
    return shared.result();
  }
  auto members = reader_->team()->join(*reader_, cores - 1);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < members.size(); ++i) {
    try {
      threads.emplace_back([&go, &shared, &member = members[i], i] {
        auto done = or_out_of_memory([&]() -> Result<void> {
          SqliteQuestion question(member.reader());
          go(question, i + 1);
          return {};
        });
        if (!done) shared.end(std::move(done));
      });
    } catch (const std::system_error&) {
      break;  // no thread is to be had: the others do its work
    }
  }
  go(*this, 0);
  for (std::jthread& thread : threads) thread.join();
  return shared.result();
}

Result<bool> SqliteQuestion::select(const Chunk& chunk, const ChunkFilter& filter,
                                    bool with_positions, const Deadline& deadline,
                                    Selection& selection) {
  selection.kind = Selection::Kind::none;
  selection.count = 0;
  if (auto in_time = reader_->connection().within_limits(); !in_time) return fail(in_time.error());
  if (!may_hold(chunk, filter)) return true;
  if (filter.empty() && chunk.within(filter.since, filter.until)) {
    selection.kind = Selection::Kind::all;
    selection.count = chunk.events;
    return true;
  }
  auto columns = this->columns(chunk);
  if (!columns) return fail(columns.error());
  auto selected = agentaudit::select(chunk, **columns, filter,
                                     with_positions || filter.needs_rows(), selection);
  if (!selected) return fail(selected.error());
  if (!filter.needs_rows() || selection.kind == Selection::Kind::none) return true;
  if (selection.kind == Selection::Kind::all) {
    spell_out(**columns, selection);
    selection.kind = Selection::Kind::some;
  }
  if (!filter.trace_id.empty()) {
    if (auto kept = keep_trace(chunk, filter, selection); !kept) return fail(kept.error());
  }
  if (filter.needle.empty() || selection.kind == Selection::Kind::none) return true;
  return keep_needle(chunk, **columns, filter, deadline, selection);
}

Result<void> SqliteQuestion::keep_trace(const Chunk& chunk, const ChunkFilter& filter,
                                        Selection& selection) {
  auto kept = keep_rows(reader_->connection(), "trace_id", chunk,
                        static_cast<std::size_t>(chunk.last_id - chunk.first_id + 1), {}, selection,
                        [&](const SqliteStatement& row, std::size_t /*position*/) {
                          return hex_id(row, 1) == filter.trace_id;
                        });
  if (!kept) return fail(kept.error());
  return {};
}

Result<bool> SqliteQuestion::keep_needle(const Chunk& chunk, ChunkColumns& columns,
                                         const ChunkFilter& filter, const Deadline& deadline,
                                         Selection& selection) {
  if (chunk.bounds) {
    auto sealed = reader_->sealed_columns();
    if (!sealed) return fail(sealed.error());
    const auto possible = (*sealed)->may_hold_text(filter.needle);
    if (!possible) return fail(possible.error());
    if (!*possible) {
      selection.kind = Selection::Kind::none;
      selection.count = 0;
      return true;
    }
  }
  const auto targets = columns.dictionary(Column::target);
  if (!targets) return fail(targets.error());
  std::vector<std::uint8_t> holds(targets->size());
  for (std::size_t i = 0; i < targets->size(); ++i) {
    holds[i] = std::binary_search(filter.needle_targets.begin(), filter.needle_targets.end(),
                                  (*targets)[i].value)
                   ? 1
                   : 0;
  }
  const auto codes = columns.codes(Column::target);
  if (!codes) return fail(codes.error());
  return keep_rows(reader_->connection(), "summary, detail", chunk, columns.positions(), deadline,
                   selection, [&](const SqliteStatement& row, std::size_t position) {
                     return holds[(*codes)[position]] != 0 ||
                            contains_ignoring_case(row.bytes(1), filter.needle) ||
                            contains_ignoring_case(row.bytes(2), filter.needle);
                   });
}

Result<ChunkFilter> filter_of(SqliteReader& reader, const ListOpts& opts) {
  auto filter = common_filter(reader, opts);
  if (!filter) return filter;
  if (auto added = add_trace(reader, *filter, opts.trace_id); !added) return fail(added.error());
  if (opts.search.empty()) return filter;
  filter->needle = to_lower_ascii(opts.search);
  auto targets = targets_that_hold(reader, filter->needle);
  if (!targets) return fail(targets.error());
  filter->needle_targets = std::move(*targets);
  return filter;
}

Result<ChunkFilter> filter_of(SqliteReader& reader, const StatsOpts& opts) {
  return common_filter(reader, opts);
}

Result<ChunkFilter> filter_of(SqliteReader& reader, const GroupsOpts& opts) {
  return common_filter(reader, opts);
}

Result<ChunkFilter> filter_of(SqliteReader& reader, const ConversationsOpts& opts) {
  ChunkFilter filter;
  add_times(filter, opts.since, opts.until);
  if (auto added = add(reader, filter, NameKind::agent, opts.agents); !added) {
    return fail(added.error());
  }
  filter.conditions.push_back({.column = Column::conversation, .values = {0}, .exclude = true});
  return filter;
}

}  // namespace agentaudit
