// What a filter selects in a chunk, against a loop over its rows.
#include "store/chunk_filter.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "store/error_code.h"

namespace agentaudit {
namespace {

using Kind = Selection::Kind;

struct Row {
  std::int64_t timestamp_ns = 0;
  std::uint32_t category = 0;
  std::uint32_t status = 0;
  std::uint32_t trace = 0;
  bool deleted = false;
};

std::uint32_t value_of(const Row& row, Column column) {
  if (column == Column::category) return row.category;
  return column == Column::status ? row.status : row.trace;
}

// A chunk with these rows. Rows that are deleted are so from the start, as where a chunk
// is sealed after a prune, or `after` it was built, and then its dictionaries count them.
struct ChunkOfRows {
  explicit ChunkOfRows(std::vector<Row> some, bool after = false) : rows(std::move(some)) {
    ChunkBuilder builder;
    for (const Row& row : rows) {
      if (row.deleted && !after) {
        builder.append_deleted();
        continue;
      }
      ColumnValues values{.timestamp_ns = row.timestamp_ns};
      for (const Column column : {Column::category, Column::status, Column::trace}) {
        values.coded[coded_index_of(column)] = value_of(row, column);
      }
      builder.append(values);
    }
    built = builder.build();
    for (std::size_t p = 0; p < rows.size(); ++p) built.deleted[p] = rows[p].deleted;
    const ColumnBounds& times = built.bounds[index_of(Column::timestamp)];
    chunk = {.first_id = 1,
             .last_id = static_cast<EventId>(rows.size()),
             .events = static_cast<std::int64_t>(rows.size() - built.deleted.count()),
             .min_timestamp = Timestamp::from_ns(times.min),
             .max_timestamp = Timestamp::from_ns(times.max)};
  }

  std::vector<Row> rows;
  BuiltChunk built;
  Chunk chunk;
};

bool matches(const Row& row, const ChunkFilter& filter) {
  if (row.deleted) return false;
  if (row.timestamp_ns < filter.since.ns() || row.timestamp_ns > filter.until.ns()) return false;
  return std::all_of(
      filter.conditions.begin(), filter.conditions.end(), [&](const CodedCondition& condition) {
        const bool named = std::find(condition.values.begin(), condition.values.end(),
                                     value_of(row, condition.column)) != condition.values.end();
        return named != condition.exclude;
      });
}

// Counts what is read, and fails where it is told to.
class WatchedColumns final : public ChunkColumns {
 public:
  explicit WatchedColumns(const BuiltChunk& chunk) : columns_(chunk) {}

  [[nodiscard]] std::size_t positions() const override { return columns_.positions(); }
  [[nodiscard]] const ChunkBounds& bounds() const override { return columns_.bounds(); }
  [[nodiscard]] const Positions* deleted() const override { return columns_.deleted(); }
  [[nodiscard]] Result<std::span<const DictionaryEntry>> dictionary(Column column) override {
    ++dictionaries_read;
    if (dictionary_fails) return fail(ErrorCode::corrupt, "a dictionary");
    return columns_.dictionary(column);
  }
  [[nodiscard]] Result<Codes> codes(Column column) override {
    ++data_read;
    if (data_fails) return fail(ErrorCode::io, "codes");
    return columns_.codes(column);
  }
  [[nodiscard]] Result<std::span<const std::int64_t>> numbers(Column column) override {
    ++data_read;
    if (data_fails) return fail(ErrorCode::io, "numbers");
    return columns_.numbers(column);
  }

  int dictionaries_read = 0;
  int data_read = 0;
  bool dictionary_fails = false;
  bool data_fails = false;

 private:
  BuiltColumns columns_;
};

struct Answer {
  Kind kind;
  std::int64_t count;

  friend bool operator==(const Answer&, const Answer&) = default;
};

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << static_cast<int>(answer.kind) << " with " << answer.count;
}

Answer answer_of(const ChunkOfRows& rows, const ChunkFilter& filter) {
  BuiltColumns columns(rows.built);
  Selection selection;
  EXPECT_TRUE(select(rows.chunk, columns, filter, true, selection));
  return {.kind = selection.kind, .count = selection.count};
}

ChunkFilter with(std::vector<CodedCondition> conditions) {
  return {.conditions = std::move(conditions)};
}

constexpr Answer nothing = {.kind = Kind::none, .count = 0};

// Values that share a bit of the mask, and one past 16 bits.
std::uint32_t any_value() { return *rc::gen::element(0U, 1U, 2U, 65U, 66U, 70'000U); }

std::vector<Row> any_rows() {
  const auto size = *rc::gen::inRange<std::size_t>(1, 60);
  const int deletions = *rc::gen::element(0, 10, 90);  // per cent
  std::vector<Row> rows(size);
  for (Row& row : rows) {
    row = {.timestamp_ns = *rc::gen::inRange(-5, 6),
           .category = any_value(),
           .status = *rc::gen::element(0U, 64U),
           .trace = any_value(),
           .deleted = *rc::gen::inRange(0, 100) < deletions};
  }
  rows[*rc::gen::inRange<std::size_t>(0, size)].deleted = false;  // an empty one is never asked
  return rows;
}

ChunkFilter any_filter() {
  ChunkFilter filter;
  if (*rc::gen::arbitrary<bool>()) filter.since = Timestamp::from_ns(*rc::gen::inRange(-7, 7));
  if (*rc::gen::arbitrary<bool>()) filter.until = Timestamp::from_ns(*rc::gen::inRange(-7, 7));
  const int conditions = *rc::gen::inRange(0, 4);
  for (int i = 0; i < conditions; ++i) {
    CodedCondition condition{
        .column = *rc::gen::element(Column::category, Column::status, Column::trace),
        .exclude = *rc::gen::arbitrary<bool>()};
    const int values = *rc::gen::inRange(0, 5);
    for (int v = 0; v < values; ++v) condition.values.push_back(any_value());
    std::sort(condition.values.begin(), condition.values.end());
    filter.conditions.push_back(std::move(condition));
  }
  return filter;
}

void compare(const ChunkOfRows& rows, const ChunkFilter& filter) {
  const auto expected = static_cast<std::int64_t>(std::count_if(
      rows.rows.begin(), rows.rows.end(), [&](const Row& row) { return matches(row, filter); }));
  BuiltColumns columns(rows.built);
  Selection selection;
  RC_ASSERT(select(rows.chunk, columns, filter, true, selection).has_value());
  RC_ASSERT(selection.count == expected);
  RC_ASSERT((selection.kind == Kind::none) == (expected == 0));
  if (selection.kind == Kind::all) {
    RC_ASSERT(expected == rows.chunk.events);
    spell_out(columns, selection);
  }
  for (std::size_t p = 0; p < rows.rows.size() && selection.kind != Kind::none; ++p) {
    RC_ASSERT(selection.on[p] == (matches(rows.rows[p], filter) ? 1 : 0));
  }

  Selection counted;
  RC_ASSERT(select(rows.chunk, columns, filter, false, counted).has_value());
  RC_ASSERT(counted.kind == selection.kind);
  RC_ASSERT(counted.count == expected);
}

RC_GTEST_PROP(ChunkFilterProperty, SelectsWhatALoopOverTheRowsSelects, ()) {
  ChunkOfRows rows(any_rows(), *rc::gen::arbitrary<bool>());
  // Bounds hold, but need not be met.
  const std::int64_t slack = *rc::gen::inRange(0, 3);
  rows.chunk.min_timestamp = Timestamp::from_ns(rows.chunk.min_timestamp.ns() - slack);
  rows.chunk.max_timestamp = Timestamp::from_ns(rows.chunk.max_timestamp.ns() + slack);
  for (int i = 0; i < 10; ++i) compare(rows, any_filter());
}

TEST(ChunkFilter, WithoutConditionsSelectsAll) {
  const ChunkOfRows rows({{.category = 1}, {.category = 2}, {.deleted = true}});
  EXPECT_EQ(answer_of(rows, {}), (Answer{.kind = Kind::all, .count = 2}));
}

TEST(ChunkFilter, AConditionThatLeavesNothingOutSelectsAll) {
  const ChunkOfRows rows({{.category = 1}, {.category = 2}});
  const Answer all{.kind = Kind::all, .count = 2};
  EXPECT_EQ(answer_of(rows, with({{.column = Column::category, .values = {1, 2, 3}}})), all);
  EXPECT_EQ(
      answer_of(rows, with({{.column = Column::category, .values = {0, 3}, .exclude = true}})),
      all);
  EXPECT_EQ(answer_of(rows, with({{.column = Column::category, .exclude = true}})), all)
      << "the exclusion of nothing";
}

TEST(ChunkFilter, ValuesThatDoNotOccurSelectNothing) {
  const ChunkOfRows rows({{.category = 1}, {.category = 70}});
  // 6 and 65 have bits of the mask; 0 and 71 are out of bounds; 5 is none of these.
  for (const std::uint32_t value : {0U, 5U, 6U, 65U, 71U}) {
    EXPECT_EQ(answer_of(rows, with({{.column = Column::category, .values = {value}}})), nothing)
        << value;
  }
  EXPECT_EQ(answer_of(rows, with({{.column = Column::category}})), nothing)
      << "names that no event has";
}

TEST(ChunkFilter, TheExclusionOfTheOnlyValueSelectsNothing) {
  const ChunkOfRows rows({{.category = 7}, {.category = 7}});
  EXPECT_EQ(answer_of(rows, with({{.column = Column::category, .values = {7}, .exclude = true}})),
            nothing);
}

TEST(ChunkFilter, TheExclusionOfEveryValueSelectsNothing) {
  const ChunkOfRows rows({{.category = 7}, {.category = 8}});
  EXPECT_EQ(
      answer_of(rows, with({{.column = Column::category, .values = {7, 8}, .exclude = true}})),
      nothing);
}

TEST(ChunkFilter, ConditionsThatNoRowMeetsTogetherSelectNothing) {
  const ChunkOfRows rows({{.category = 1, .status = 1}, {.category = 2, .status = 2}});
  EXPECT_EQ(answer_of(rows, with({{.column = Column::category, .values = {1}},
                                  {.column = Column::status, .values = {2}}})),
            nothing);
}

TEST(ChunkFilter, TimesAreInclusive) {
  const ChunkOfRows rows({{.timestamp_ns = 1}, {.timestamp_ns = 2}, {.timestamp_ns = 3}});
  const auto answer = [&](std::int64_t since, std::int64_t until) {
    return answer_of(rows,
                     {.since = Timestamp::from_ns(since), .until = Timestamp::from_ns(until)});
  };
  EXPECT_EQ(answer(1, 3), (Answer{.kind = Kind::all, .count = 3}));
  EXPECT_EQ(answer(2, 3), (Answer{.kind = Kind::some, .count = 2}));
  EXPECT_EQ(answer(3, 9), (Answer{.kind = Kind::some, .count = 1}));
  EXPECT_EQ(answer(2, 2), (Answer{.kind = Kind::some, .count = 1}));
  EXPECT_EQ(answer(4, 9), nothing);
  EXPECT_EQ(answer(-9, 0), nothing);
  EXPECT_EQ(answer(3, 1), nothing);
}

TEST(ChunkFilter, ReadsNothingOfAChunkThatTheBoundsRuleOut) {
  const ChunkOfRows rows({{.timestamp_ns = 1, .category = 1}, {.timestamp_ns = 2, .category = 9}});
  Selection selection;
  for (const ChunkFilter& filter :
       {ChunkFilter{.since = Timestamp::from_ns(3)},
        with({{.column = Column::category, .values = {5}}}),
        with({{.column = Column::category, .values = {1}},
              {.column = Column::status, .values = {0}, .exclude = true}})}) {
    WatchedColumns columns(rows.built);
    ASSERT_TRUE(select(rows.chunk, columns, filter, true, selection));
    EXPECT_EQ(selection.kind, Kind::none);
    EXPECT_EQ(columns.dictionaries_read + columns.data_read, 0);
  }
}

TEST(ChunkFilter, CountsOneConditionInItsDictionary) {
  const std::vector<CodedCondition> condition = {{.column = Column::category, .values = {1, 9}}};
  std::vector<Row> rows = {{.category = 1}, {.category = 9}, {.category = 2}, {.category = 9}};
  Selection selection;
  const ChunkOfRows whole(rows);
  WatchedColumns columns(whole.built);
  ASSERT_TRUE(select(whole.chunk, columns, with(condition), false, selection));
  EXPECT_EQ(selection.count, 3);
  EXPECT_EQ(columns.dictionaries_read, 1);
  EXPECT_EQ(columns.data_read, 0);

  rows[1].deleted = true;  // and is still counted there
  const ChunkOfRows pruned(rows, true);
  WatchedColumns pruned_columns(pruned.built);
  ASSERT_TRUE(select(pruned.chunk, pruned_columns, with(condition), false, selection));
  EXPECT_EQ(selection.count, 2);
  EXPECT_EQ(pruned_columns.data_read, 1);
}

TEST(ChunkFilter, TheErrorsOfTheColumnsAreItsOwn) {
  const ChunkOfRows rows({{.timestamp_ns = 1, .category = 1}, {.timestamp_ns = 2, .category = 9}});
  const ChunkFilter one = with({{.column = Column::category, .values = {1}}});
  Selection selection;
  WatchedColumns columns(rows.built);
  columns.dictionary_fails = true;
  EXPECT_EQ(error_code(select(rows.chunk, columns, one, true, selection)), ErrorCode::corrupt);
  columns.dictionary_fails = false;
  columns.data_fails = true;
  EXPECT_EQ(error_code(select(rows.chunk, columns, one, true, selection)), ErrorCode::io);
  const ChunkFilter late{.since = Timestamp::from_ns(2)};
  EXPECT_EQ(error_code(select(rows.chunk, columns, late, true, selection)), ErrorCode::io);
}

TEST(ChunkFilter, NeedsRowsForATraceAndForASearch) {
  EXPECT_FALSE(with({{.column = Column::category, .values = {1}}}).needs_rows());
  EXPECT_TRUE(ChunkFilter{.trace_id = "t"}.needs_rows());
  EXPECT_TRUE(ChunkFilter{.needle = "n"}.needs_rows());
}

}  // namespace
}  // namespace agentaudit
