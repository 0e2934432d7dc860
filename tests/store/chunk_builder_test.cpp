// Events to columns, and the columns back to the events.
#include "store/chunk_builder.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <optional>

#include "core/hex.h"

namespace agentaudit {
namespace {

ColumnValues with(Column column, std::uint32_t value) {
  ColumnValues values;
  values.coded[coded_index_of(column)] = value;
  return values;
}

ColumnValues with_timestamp(std::int64_t ns) {
  ColumnValues values;
  values.timestamp_ns = ns;
  return values;
}

const std::vector<DictionaryEntry>& dictionary_of(const BuiltChunk& chunk, Column column) {
  return chunk.dictionaries[coded_index_of(column)];
}

const ColumnBounds& bounds_of(const BuiltChunk& chunk, Column column) {
  return chunk.bounds[index_of(column)];
}

std::uint32_t value_at(const BuiltChunk& chunk, Column column, std::size_t position) {
  return dictionary_of(chunk, column).at(chunk.codes[coded_index_of(column)].at(position)).value;
}

// As many values as asked for, none twice, in no order.
std::uint32_t scattered(std::size_t i) { return static_cast<std::uint32_t>(i) * 0x9E3779B1U; }

TEST(ChunkBuilder, SortsEachDictionaryAndCountsEachValue) {
  ChunkBuilder builder;
  for (const std::uint32_t value : {9U, 9U, 70'000U, 2U, 9U, 2U}) {
    builder.append(with(Column::target, value));
  }
  const BuiltChunk chunk = builder.build();
  EXPECT_EQ(
      dictionary_of(chunk, Column::target),
      (std::vector<DictionaryEntry>{
          {.value = 2, .count = 2}, {.value = 9, .count = 3}, {.value = 70'000, .count = 1}}));
  EXPECT_EQ(chunk.codes[coded_index_of(Column::target)],
            (std::vector<std::uint16_t>{1, 1, 2, 0, 1, 0}));
  EXPECT_EQ(bounds_of(chunk, Column::target),
            (ColumnBounds{.min = 2, .max = 70'000, .mask = 1U << 2 | 1U << 9 | 1ULL << 48}));
  EXPECT_EQ(chunk.positions, 6U);
  EXPECT_EQ(chunk.events, 6);
  EXPECT_TRUE(chunk.deleted.none());
}

TEST(ChunkBuilder, KeepsEveryColumnToItself) {
  ChunkBuilder builder;
  ColumnValues values{.timestamp_ns = -1, .duration_ms = -2};
  for (std::uint32_t i = 0; i < coded_columns.size(); ++i) values.coded[i] = 100 + i;
  builder.append(values);
  const BuiltChunk chunk = builder.build();
  EXPECT_EQ(chunk.numbers[index_of(Column::timestamp)], std::vector<std::int64_t>{-1});
  EXPECT_EQ(chunk.numbers[index_of(Column::duration_ms)], std::vector<std::int64_t>{-2});
  std::uint32_t expected = 100;
  for (const Column column : coded_columns) {
    EXPECT_EQ(value_at(chunk, column, 0), expected);
    EXPECT_EQ(bounds_of(chunk, column).min, expected++);
  }
}

TEST(ChunkBuilder, AColumnWithOneValueIsConstant) {
  ChunkBuilder builder;
  for (int i = 0; i < 3; ++i) builder.append({.timestamp_ns = -4, .duration_ms = i});
  const BuiltChunk chunk = builder.build();
  EXPECT_EQ(bounds_of(chunk, Column::timestamp), (ColumnBounds{.min = -4, .max = -4}));
  EXPECT_TRUE(bounds_of(chunk, Column::timestamp).constant());
  EXPECT_FALSE(bounds_of(chunk, Column::duration_ms).constant());
  EXPECT_TRUE(bounds_of(chunk, Column::agent).constant());
  EXPECT_EQ(dictionary_of(chunk, Column::agent),
            (std::vector<DictionaryEntry>{{.value = 0, .count = 3}}));
  EXPECT_EQ(chunk.codes[coded_index_of(Column::agent)], std::vector<std::uint16_t>(3));
}

TEST(ChunkBuilder, TakesAsManyValuesAsPositions) {
  for (const std::size_t distinct : {std::size_t{256}, std::size_t{257}, chunk_positions}) {
    ChunkBuilder builder;
    for (std::size_t p = 0; p < chunk_positions; ++p) {
      builder.append(with(Column::trace, scattered(p % distinct)));
    }
    EXPECT_TRUE(builder.full());
    const BuiltChunk chunk = builder.build();
    const auto& dictionary = dictionary_of(chunk, Column::trace);
    ASSERT_EQ(dictionary.size(), distinct);
    for (std::size_t i = 1; i < distinct; ++i) {
      ASSERT_LT(dictionary[i - 1].value, dictionary[i].value);
    }
    std::map<std::uint32_t, std::uint16_t> counts;
    for (std::size_t p = 0; p < chunk_positions; ++p) {
      ASSERT_EQ(value_at(chunk, Column::trace, p), scattered(p % distinct)) << p;
      ++counts[scattered(p % distinct)];
    }
    for (const DictionaryEntry& entry : dictionary) ASSERT_EQ(entry.count, counts[entry.value]);
  }
}

TEST(ChunkBuilder, TakesTheLeastAndTheGreatestValue) {
  ChunkBuilder builder;
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t number : {greatest, least}) {
    ColumnValues values = with(Column::agent, number < 0 ? 0 : 0xFFFFFFFF);
    values.timestamp_ns = number;
    builder.append(values);
  }
  const BuiltChunk chunk = builder.build();
  EXPECT_EQ(bounds_of(chunk, Column::timestamp), (ColumnBounds{.min = least, .max = greatest}));
  EXPECT_EQ(bounds_of(chunk, Column::agent),
            (ColumnBounds{.min = 0, .max = 0xFFFFFFFF, .mask = 1ULL << 63 | 1}));
  EXPECT_EQ(value_at(chunk, Column::agent, 0), 0xFFFFFFFF);
}

TEST(ChunkBuilder, ADeletedPositionIsNotCountedAndHoldsNoBounds) {
  ChunkBuilder builder;
  builder.append_deleted();
  for (const std::int64_t number : {50, 40}) {
    ColumnValues values = with(Column::status, static_cast<std::uint32_t>(number));
    values.timestamp_ns = number;
    values.duration_ms = -number;
    builder.append(values);
    builder.append_deleted();
  }
  const BuiltChunk chunk = builder.build();
  EXPECT_EQ(chunk.positions, 5U);
  EXPECT_EQ(chunk.events, 2);
  EXPECT_EQ(chunk.deleted, Positions(0b10101));
  EXPECT_EQ(bounds_of(chunk, Column::timestamp), (ColumnBounds{.min = 40, .max = 50}));
  EXPECT_EQ(bounds_of(chunk, Column::duration_ms), (ColumnBounds{.min = -50, .max = -40}));
  EXPECT_EQ(chunk.numbers[index_of(Column::timestamp)],
            (std::vector<std::int64_t>{40, 50, 40, 40, 40}))
      << "the minimum where nothing is";
  EXPECT_EQ(dictionary_of(chunk, Column::status),
            (std::vector<DictionaryEntry>{{.value = 40, .count = 1}, {.value = 50, .count = 1}}));
  EXPECT_EQ(value_at(chunk, Column::status, 1), 50U);
  EXPECT_EQ(value_at(chunk, Column::status, 3), 40U);
  EXPECT_EQ(bounds_of(chunk, Column::status).mask, 1ULL << 40 | 1ULL << 50);
}

TEST(ChunkBuilder, WithoutAnyEventHasNoValues) {
  for (const bool deleted : {false, true}) {
    ChunkBuilder builder;
    if (deleted) builder.append_deleted();
    const BuiltChunk chunk = builder.build();
    EXPECT_EQ(chunk.positions, deleted ? 1U : 0U);
    EXPECT_EQ(chunk.events, 0);
    EXPECT_EQ(chunk.bounds, ChunkBounds{});
    EXPECT_EQ(chunk.deleted.count(), chunk.positions);
    for (const auto& dictionary : chunk.dictionaries) EXPECT_TRUE(dictionary.empty());
    for (const auto& codes : chunk.codes) EXPECT_EQ(codes.size(), chunk.positions);
    for (const auto& numbers : chunk.numbers) EXPECT_EQ(numbers.size(), chunk.positions);
  }
}

TEST(ChunkBuilder, BuildsAgainAfterMoreWasAppended) {
  ChunkBuilder builder;
  builder.append(with(Column::source, 7));
  EXPECT_EQ(dictionary_of(builder.build(), Column::source).size(), 1U);
  builder.append(with(Column::source, 3));
  builder.append(with(Column::source, 7));
  const BuiltChunk chunk = builder.build();
  EXPECT_EQ(dictionary_of(chunk, Column::source),
            (std::vector<DictionaryEntry>{{.value = 3, .count = 1}, {.value = 7, .count = 2}}));
  EXPECT_EQ(value_at(chunk, Column::source, 0), 7U);
}

TEST(ChunkBuilder, AfterClearKnowsNothingOfBefore) {
  ChunkBuilder builder;
  builder.append(with(Column::source, 7));
  builder.append(with(Column::source, 8));
  builder.append_deleted();
  builder.clear();
  EXPECT_EQ(builder.positions(), 0U);
  EXPECT_FALSE(builder.full());
  builder.append(with(Column::source, 8));
  const BuiltChunk chunk = builder.build();
  EXPECT_EQ(chunk.positions, 1U);
  EXPECT_EQ(chunk.events, 1);
  EXPECT_EQ(dictionary_of(chunk, Column::source),
            (std::vector<DictionaryEntry>{{.value = 8, .count = 1}}));
  EXPECT_EQ(chunk.numbers[index_of(Column::timestamp)].size(), 1U);
}

TEST(ChunkBuilder, IsFullWithTheLastPosition) {
  ChunkBuilder builder;
  for (std::size_t p = 0; p < chunk_positions - 1; ++p) builder.append(with_timestamp(1));
  EXPECT_FALSE(builder.full());
  builder.append_deleted();
  EXPECT_TRUE(builder.full());
  EXPECT_EQ(builder.positions(), chunk_positions);
}

// What was appended; nullopt: deleted.
using Rows = std::vector<std::optional<std::uint32_t>>;

RC_GTEST_PROP(ChunkBuilderProperty, LeadsBackToWhatWasAppended, ()) {
  const auto rows = *rc::gen::container<Rows>(rc::gen::oneOf(
      rc::gen::just(std::optional<std::uint32_t>()),
      rc::gen::map(rc::gen::inRange(0U, 5U), [](std::uint32_t v) { return std::optional(v); }),
      rc::gen::map(rc::gen::arbitrary<std::uint32_t>(),
                   [](std::uint32_t v) { return std::optional(v); })));
  ChunkBuilder builder;
  std::map<std::uint32_t, std::uint16_t> counts;
  for (const auto& row : rows) {
    if (row) {
      builder.append(with(Column::conversation, *row));
      ++counts[*row];
    } else {
      builder.append_deleted();
    }
  }
  const BuiltChunk chunk = builder.build();
  std::vector<DictionaryEntry> expected;
  for (const auto& [value, count] : counts) expected.push_back({.value = value, .count = count});
  RC_ASSERT(dictionary_of(chunk, Column::conversation) == expected);
  for (std::size_t p = 0; p < rows.size(); ++p) {
    RC_ASSERT(chunk.deleted[p] == !rows[p]);
    if (rows[p]) RC_ASSERT(value_at(chunk, Column::conversation, p) == *rows[p]);
    if (rows[p]) RC_ASSERT(bounds_of(chunk, Column::conversation).may_hold(*rows[p]));
  }
}

TEST(TraceValue, IsTheFirstFourBytesOfAHexId) {
  std::string bytes(16, '\0');
  ASSERT_TRUE(from_hex("0af7651916cd43dd8448eb211c80319c", bytes));
  EXPECT_EQ(trace_value_of_bytes(bytes), 0x1965F70AU);
  ASSERT_TRUE(from_hex("ffffffff000000000000000000000000", bytes));
  EXPECT_EQ(trace_value_of_bytes(bytes), 0xFFFFFFFFU);
}

TEST(TraceValue, IsZeroWhereThereIsNone) {
  EXPECT_EQ(trace_value_of_bytes(""), 0U);
  EXPECT_EQ(trace_value_of_text(""), 0U);
}

// The values are those of the test vectors that came with FNV.
TEST(TraceValue, IsTheFnv1aHashOfAnyOtherText) {
  EXPECT_EQ(trace_value_of_text("a"), 0xE40C292CU);
  EXPECT_EQ(trace_value_of_text("b"), 0xE70C2DE5U);
  EXPECT_EQ(trace_value_of_text("foobar"), 0xBF9CF968U);
  EXPECT_EQ(trace_value_of_text("\xff"), (2'166'136'261U ^ 0xFFU) * 16'777'619U)
      << "a byte, not a signed one";
  EXPECT_NE(trace_value_of_text(std::string_view("a\0", 2)), trace_value_of_text("a"));
}

}  // namespace
}  // namespace agentaudit
