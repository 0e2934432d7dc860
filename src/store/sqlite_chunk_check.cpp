#include "store/sqlite_chunk_check.h"

#include <algorithm>
#include <optional>

#include "store/sqlite_columns.h"

namespace agentaudit {

class ChunkCheck {
 public:
  ChunkCheck(SqliteReader& reader, std::int64_t chunk, ChunkContents& contents)
      : reader_(reader), chunk_(chunk), contents_(contents), grams_(contents.grams_) {}

  Result<void> read_rows() {
    return agentaudit::read_rows(reader_.connection(), sqlite_schema::first_id_of(chunk_),
                                 sqlite_schema::last_id_of(chunk_), contents_.builder_, &grams_);
  }

  Result<void> run() {
    rows_ = contents_.builder_.build();
    auto row = read_row();
    if (!row) return fail(row.error());
    if (!*row) return rows_.events == 0 ? Result<void>() : wrong("events and no row");
    if ((*row)->events != rows_.events) {
      return wrong(std::to_string((*row)->events) + " events in its row and " +
                   std::to_string(rows_.events) + " in truth");
    }
    const ColumnBounds& timestamps = rows_.bounds[index_of(Column::timestamp)];
    if (rows_.events > 0 && ((*row)->min_timestamp.ns() > timestamps.min ||
                             (*row)->max_timestamp.ns() < timestamps.max)) {
      return wrong("events outside of the times in its row");
    }
    if (!(*row)->bounds) return {};
    return check_columns(**row);
  }

 private:
  [[nodiscard]] Result<void> wrong(const std::string& what) const {
    return fail(ErrorCode::corrupt, "chunk " + std::to_string(chunk_) + " has " + what +
                                        "; `agentaudit repair` makes it anew from its events");
  }

  Result<std::optional<Chunk>> read_row() {
    ChunkMap map;
    auto read = extend_chunk_map(reader_.connection(), map, chunk_, chunk_);
    if (!read) return fail(read.error());
    if (map.chunks.empty()) return std::optional<Chunk>();
    return std::optional<Chunk>(map.chunks.front());
  }

  Result<void> check_columns(const Chunk& chunk) {
    auto sealed = reader_.sealed_columns();
    if (!sealed) return fail(sealed.error());
    (*sealed)->forget();
    auto checked = check_sealed(chunk, **sealed);
    (*sealed)->forget();
    return checked;
  }

  Result<void> check_sealed(const Chunk& chunk, SealedColumns& sealed) {
    if (auto moved = sealed.move_to(chunk); !moved) return moved;
    const Positions deleted = sealed.deleted() == nullptr ? Positions() : *sealed.deleted();
    if (deleted != rows_.deleted) return wrong("deletions that its rows do not show");
    for (const Column column : number_columns) {
      const auto numbers = sealed.numbers(column);
      if (!numbers) return fail(numbers.error());
      if (auto same = check_numbers(column, *numbers); !same) return same;
    }
    for (const Column column : coded_columns) {
      if (auto same = check_codes(column, sealed); !same) return same;
    }
    for (const DictionaryEntry& trace : rows_.dictionaries[coded_index_of(Column::trace)]) {
      const auto may_hold = sealed.may_hold_trace(trace.value);
      if (!may_hold) return fail(may_hold.error());
      if (!*may_hold) return wrong("a trace that its filter does not know");
    }
    for (const DictionaryEntry& target : rows_.dictionaries[coded_index_of(Column::target)]) {
      const auto name = reader_.name_of(target.value);
      if (!name) return fail(name.error());
      grams_.add(*name);
    }
    const auto holds = sealed.may_hold_all(grams_.bitmap());
    if (!holds) return fail(holds.error());
    return *holds ? Result<void>() : wrong("text that its grams do not know");
  }

  Result<void> check_numbers(Column column, std::span<const std::int64_t> numbers) {
    for (std::size_t p = 0; p < chunk_positions; ++p) {
      if (rows_.deleted[p] || numbers[p] == rows_.numbers[index_of(column)][p]) continue;
      return disagrees(column, p);
    }
    return {};
  }

  Result<void> check_codes(Column column, SealedColumns& sealed) {
    const auto dictionary = sealed.dictionary(column);
    if (!dictionary) return fail(dictionary.error());
    const auto codes = sealed.codes(column);
    if (!codes) return fail(codes.error());
    const std::size_t index = coded_index_of(column);
    for (std::size_t p = 0; p < chunk_positions; ++p) {
      const DictionaryEntry& in_row = rows_.dictionaries[index][rows_.codes[index][p]];
      if (rows_.deleted[p] || (*dictionary)[(*codes)[p]].value == in_row.value) continue;
      return disagrees(column, p);
    }
    const bool counts_hold =
        rows_.deleted.any() ||
        std::equal(dictionary->begin(), dictionary->end(), rows_.dictionaries[index].begin(),
                   rows_.dictionaries[index].end());
    return counts_hold
               ? Result<void>()
               : wrong("wrong counts in column " + std::to_string(static_cast<int>(column)));
  }

  [[nodiscard]] Result<void> disagrees(Column column, std::size_t position) const {
    return wrong(
        "a column " + std::to_string(static_cast<int>(column)) + " that disagrees with event " +
        std::to_string(sqlite_schema::first_id_of(chunk_) + static_cast<EventId>(position)));
  }

  SqliteReader& reader_;
  std::int64_t chunk_;
  ChunkContents& contents_;
  GramBuilder& grams_;
  BuiltChunk rows_;
};

void ChunkContents::add(std::size_t position, const ColumnValues& values, std::string_view summary,
                        std::string_view detail) {
  while (builder_.positions() < position) builder_.append_deleted();
  builder_.append(values);
  grams_.add(summary);
  grams_.add(detail);
}

void ChunkContents::fill_up() {
  while (!builder_.full()) builder_.append_deleted();
}

void ChunkContents::clear() noexcept {
  builder_.clear();
  grams_.clear();
}

Result<void> check_chunk(SqliteReader& reader, std::int64_t chunk) {
  ChunkContents contents;
  ChunkCheck check(reader, chunk, contents);
  if (auto read = check.read_rows(); !read) return read;
  return check.run();
}

Result<void> check_chunk(SqliteReader& reader, std::int64_t chunk, ChunkContents& contents) {
  return ChunkCheck(reader, chunk, contents).run();
}

}  // namespace agentaudit
