// The BLOBs of a sealed chunk: their bytes, and that damage is refused.
#include "store/column_blob.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/hex.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

std::string bytes_of(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  EXPECT_TRUE(from_hex(hex, bytes)) << hex;
  return bytes;
}

std::string hex_at(std::string_view blob, std::size_t from, std::size_t bytes) {
  return to_hex(blob.substr(from, bytes));
}

// What is given, and the last of it for every position that is left.
template <typename T>
std::vector<T> padded(std::vector<T> values) {
  const T last = values.back();
  values.resize(chunk_positions, last);
  return values;
}

// What is given, again and again.
template <typename T>
std::vector<T> repeated(const std::vector<T>& values) {
  std::vector<T> all(chunk_positions);
  for (std::size_t p = 0; p < all.size(); ++p) all[p] = values[p % values.size()];
  return all;
}

ColumnBounds bounds_of(const std::vector<std::int64_t>& numbers) {
  const auto [min, max] = std::minmax_element(numbers.begin(), numbers.end());
  return {.min = *min, .max = *max};
}

std::optional<ErrorCode> error_of_numbers(std::string_view blob, const ColumnBounds& bounds) {
  std::vector<std::int64_t> numbers(chunk_positions);
  return error_code(decode_numbers(blob, bounds, numbers));
}

// Of either width.
Result<void> read_codes(std::string_view blob, std::size_t entries,
                        std::vector<std::uint16_t>& codes) {
  if (entries > byte_codes_max) return decode_codes(blob, entries, std::span(codes));
  std::vector<std::uint8_t> bytes(codes.size());
  auto decoded = decode_codes(blob, entries, std::span(bytes));
  codes.assign(bytes.begin(), bytes.end());
  return decoded;
}

std::optional<ErrorCode> error_of_codes(std::string_view blob, std::size_t entries) {
  std::vector<std::uint16_t> codes(chunk_positions);
  return error_code(read_codes(blob, entries, codes));
}

TEST(ColumnBounds, SayWhatMayOccur) {
  const ColumnBounds bounds{.min = 3, .max = 70, .mask = 1U << 3 | 1U << 6};
  EXPECT_TRUE(bounds.may_hold(3));
  EXPECT_TRUE(bounds.may_hold(70));
  EXPECT_TRUE(bounds.may_hold(6)) << "its bit is that of 70";
  EXPECT_FALSE(bounds.may_hold(4)) << "not in the mask";
  EXPECT_FALSE(bounds.may_hold(131)) << "over the maximum, though its bit is set";
  EXPECT_FALSE((ColumnBounds{.min = 4, .max = 70, .mask = ~std::uint64_t{0}}.may_hold(3)));
  EXPECT_FALSE(bounds.constant());
  EXPECT_TRUE((ColumnBounds{.min = -5, .max = -5}.constant()));
}

TEST(BoundsBlob, HasMinimumMaximumAndMaskOfEachColumnInTheOrderOfTheirNumbers) {
  ChunkBounds bounds{};
  bounds[index_of(Column::timestamp)] = {.min = least, .max = -2};
  bounds[index_of(Column::duration_ms)] = {.min = 1, .max = 0x0102030405060708};
  bounds[index_of(Column::trace)] = {
      .min = 0, .max = 0xFFFFFFFF, .mask = std::uint64_t{1} << 63 | 1};
  const std::string blob = encode_bounds(bounds);
  ASSERT_EQ(blob.size(), 264U);
  EXPECT_EQ(hex_at(blob, 0, 24),
            "0000000000000080"
            "feffffffffffffff"
            "0000000000000000");
  EXPECT_EQ(hex_at(blob, 24, 24),
            "0100000000000000"
            "0807060504030201"
            "0000000000000000");
  EXPECT_EQ(hex_at(blob, 240, 24),
            "0000000000000000"
            "ffffffff00000000"
            "0100000000000080");
  EXPECT_EQ(blob.substr(48, 192), std::string(192, '\0'));
}

RC_GTEST_PROP(BoundsBlobProperty, WhatIsWrittenIsReadBack, ()) {
  ChunkBounds bounds;
  for (ColumnBounds& column : bounds) {
    column = {.min = *rc::gen::arbitrary<std::int64_t>(),
              .max = *rc::gen::arbitrary<std::int64_t>(),
              .mask = *rc::gen::arbitrary<std::uint64_t>()};
    if (column.min > column.max) std::swap(column.min, column.max);
  }
  RC_ASSERT(decode_bounds(encode_bounds(bounds)).value() == bounds);
}

TEST(BoundsBlob, OfAWrongLengthIsCorrupt) {
  const std::string blob = encode_bounds({});
  ASSERT_TRUE(decode_bounds(blob));
  EXPECT_EQ(error_code(decode_bounds("")), ErrorCode::corrupt);
  EXPECT_EQ(error_code(decode_bounds(blob.substr(1))), ErrorCode::corrupt);
  EXPECT_EQ(error_code(decode_bounds(blob + '\0')), ErrorCode::corrupt);
}

TEST(BoundsBlob, AMinimumOverItsMaximumIsCorruptInAnyColumn) {
  for (std::size_t i = 0; i < column_count; ++i) {
    ChunkBounds bounds{};
    bounds[i] = {.min = 1, .max = 0};
    EXPECT_EQ(error_code(decode_bounds(encode_bounds(bounds))), ErrorCode::corrupt) << i;
  }
}

TEST(PositionsBlob, HasABitForEachPositionTheLowestFirst) {
  Positions positions;
  for (const std::size_t p : {0U, 9U, 15U, 16'127U}) positions.set(p);
  std::string expected(2'016, '\0');
  expected[0] = '\x01';
  expected[1] = '\x82';
  expected[2'015] = '\x80';
  EXPECT_EQ(encode_positions(positions), expected);
  EXPECT_EQ(encode_positions({}), std::string(2'016, '\0'));
}

RC_GTEST_PROP(PositionsBlobProperty, WhatIsWrittenIsReadBack, ()) {
  Positions positions;
  for (const std::size_t p : *rc::gen::container<std::vector<std::size_t>>(
           rc::gen::inRange<std::size_t>(0, chunk_positions))) {
    positions.set(p);
  }
  RC_ASSERT(decode_positions(encode_positions(positions)).value() == positions);
  positions.flip();
  RC_ASSERT(decode_positions(encode_positions(positions)).value() == positions);
}

TEST(PositionsBlob, OfAWrongLengthIsCorrupt) {
  for (const std::size_t bytes : {0U, 1U, 2'015U, 2'017U, 16'128U}) {
    EXPECT_EQ(error_code(decode_positions(std::string(bytes, '\0'))), ErrorCode::corrupt) << bytes;
  }
}

TEST(DictionaryBlob, HasEachValueInFourBytesAndItsCountInTwo) {
  const std::vector<DictionaryEntry> entries = {{.value = 0, .count = 1},
                                                {.value = 0x01020304, .count = 0x0506},
                                                {.value = 0xFFFFFFFF, .count = 16'128}};
  const std::string blob = encode_dictionary(entries);
  EXPECT_EQ(to_hex(blob),
            "000000000100"
            "040302010605"
            "ffffffff003f");
  EXPECT_EQ(decode_dictionary(blob, {.min = 0, .max = 0xFFFFFFFF}), entries);
}

RC_GTEST_PROP(DictionaryBlobProperty, WhatIsWrittenIsReadBack, ()) {
  const auto values = *rc::gen::nonEmpty(rc::gen::arbitrary<std::set<std::uint32_t>>());
  std::vector<DictionaryEntry> entries;
  for (const std::uint32_t value : values) {
    entries.push_back({.value = value, .count = *rc::gen::arbitrary<std::uint16_t>()});
  }
  const ColumnBounds bounds{.min = *values.begin(), .max = *values.rbegin()};
  RC_ASSERT(decode_dictionary(encode_dictionary(entries), bounds).value() == entries);
}

TEST(DictionaryBlob, OfAWrongLengthIsCorrupt) {
  const std::string entry = encode_dictionary(std::vector<DictionaryEntry>{{.value = 0}});
  const ColumnBounds bounds{};
  ASSERT_TRUE(decode_dictionary(entry, bounds));
  EXPECT_EQ(error_code(decode_dictionary("", bounds)), ErrorCode::corrupt);
  EXPECT_EQ(error_code(decode_dictionary(entry.substr(1), bounds)), ErrorCode::corrupt);
  EXPECT_EQ(error_code(decode_dictionary(entry + '\0', bounds)), ErrorCode::corrupt);
}

TEST(DictionaryBlob, HasNoMoreEntriesThanAChunkHasPositions) {
  std::vector<DictionaryEntry> entries(chunk_positions);
  for (std::uint32_t i = 0; i < entries.size(); ++i) entries[i] = {.value = i, .count = 1};
  ColumnBounds bounds{.min = 0, .max = chunk_positions - 1};
  EXPECT_EQ(decode_dictionary(encode_dictionary(entries), bounds), entries);
  entries.push_back({.value = chunk_positions, .count = 1});
  bounds.max = chunk_positions;
  EXPECT_EQ(error_code(decode_dictionary(encode_dictionary(entries), bounds)), ErrorCode::corrupt);
}

TEST(DictionaryBlob, OutOfOrderIsCorrupt) {
  const auto error_of = [](std::uint32_t second, std::uint32_t third) {
    const std::vector<DictionaryEntry> entries = {
        {.value = 1}, {.value = second}, {.value = third}};
    return error_code(
        decode_dictionary(encode_dictionary(entries), {.min = 1, .max = std::int64_t{third}}));
  };
  EXPECT_EQ(error_of(5, 9), std::nullopt);
  EXPECT_EQ(error_of(9, 5), ErrorCode::corrupt);
  EXPECT_EQ(error_of(5, 5), ErrorCode::corrupt) << "a value twice";
  EXPECT_EQ(error_of(1, 5), ErrorCode::corrupt) << "a value twice";
}

TEST(DictionaryBlob, ThatDisagreesWithItsBoundsIsCorrupt) {
  const std::string blob =
      encode_dictionary(std::vector<DictionaryEntry>{{.value = 5}, {.value = 9}});
  ASSERT_TRUE(decode_dictionary(blob, {.min = 5, .max = 9}));
  for (const auto& [min, max] : {std::pair<std::int64_t, std::int64_t>(4, 9),
                                 {6, 9},
                                 {5, 8},
                                 {5, 10},
                                 {5 + (std::int64_t{1} << 32), 9 + (std::int64_t{1} << 32)}}) {
    EXPECT_EQ(error_code(decode_dictionary(blob, {.min = min, .max = max})), ErrorCode::corrupt)
        << min << ' ' << max;
  }
}

TEST(CodesBlob, HasOneByteEachWhereTheDictionaryHasAtMost256Entries) {
  const auto codes = padded<std::uint16_t>({0, 1, 255, 2});
  const std::string blob = encode_codes(codes, 256);
  ASSERT_EQ(blob.size(), chunk_positions);
  EXPECT_EQ(hex_at(blob, 0, 5), "0001ff0202");
  EXPECT_EQ(hex_at(blob, chunk_positions - 1, 1), "02");
}

TEST(CodesBlob, HasTwoBytesEachWhereTheDictionaryHasMore) {
  const auto codes = padded<std::uint16_t>({0, 1, 256, 0x3EFF, 2});
  const std::string blob = encode_codes(codes, 0x3F00);
  ASSERT_EQ(blob.size(), chunk_positions * 2);
  EXPECT_EQ(hex_at(blob, 0, 12),
            "0000"
            "0100"
            "0001"
            "ff3e"
            "0200"
            "0200");
  EXPECT_EQ(encode_codes(codes, 257).size(), chunk_positions * 2);
}

RC_GTEST_PROP(CodesBlobProperty, WhatIsWrittenIsReadBack, ()) {
  const auto entries = *rc::gen::oneOf(rc::gen::inRange<std::size_t>(1, 258),
                                       rc::gen::inRange<std::size_t>(1, chunk_positions + 1));
  const auto codes = repeated(*rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint16_t>>(
      rc::gen::inRange<std::uint16_t>(0, static_cast<std::uint16_t>(entries)))));
  std::vector<std::uint16_t> read(chunk_positions);
  RC_ASSERT(read_codes(encode_codes(codes, entries), entries, read).has_value());
  RC_ASSERT(read == codes);
}

TEST(CodesBlob, HasTwoOrFourBitsEachWhereTheDictionaryHasFewEntries) {
  const auto codes = padded<std::uint16_t>({0, 1, 2, 3, 3});
  for (const std::size_t entries : {2U, 3U, 4U}) {
    const std::string blob = encode_codes(codes, entries);
    ASSERT_EQ(blob.size(), chunk_positions / 4);
    EXPECT_EQ(hex_at(blob, 0, 2), "e4ff");
  }
  for (const std::size_t entries : {5U, 16U}) {
    const std::string blob = encode_codes(codes, entries);
    ASSERT_EQ(blob.size(), chunk_positions / 2);
    EXPECT_EQ(hex_at(blob, 0, 3), "103233");
  }
  EXPECT_EQ(encode_codes(codes, 17).size(), chunk_positions);
}

TEST(CodesBlob, OfVersion2HaveAByteEachAtLeast) {
  const auto bytes = padded<std::uint8_t>({0, 1, 2, 1});
  const std::string blob(bytes.begin(), bytes.end());
  std::vector<std::uint16_t> codes(chunk_positions);
  EXPECT_TRUE(read_codes(blob, 3, codes));
  EXPECT_EQ(codes, padded<std::uint16_t>({0, 1, 2, 1}));
  EXPECT_EQ(error_of_codes(blob, 2), ErrorCode::corrupt);
}

TEST(CodesBlob, OfAWrongLengthAreCorrupt) {
  const std::pair<std::size_t, std::size_t> bits_of[] = {
      {2, 2}, {4, 2}, {5, 4}, {16, 4}, {17, 8}, {256, 8}, {257, 16}, {16'128, 16}};
  for (const auto& [entries, bits] : bits_of) {
    SCOPED_TRACE(entries);
    const std::string blob(chunk_positions * bits / 8, '\0');
    EXPECT_EQ(error_of_codes(blob, entries), std::nullopt);
    EXPECT_EQ(error_of_codes("", entries), ErrorCode::corrupt);
    EXPECT_EQ(error_of_codes(blob.substr(1), entries), ErrorCode::corrupt);
    EXPECT_EQ(error_of_codes(blob + '\0', entries), ErrorCode::corrupt);
    for (const std::size_t other : {2U, 4U, 8U, 16U}) {
      const bool of_version_2 = bits < 8 && other == 8;
      if (other == bits || of_version_2) continue;
      EXPECT_EQ(error_of_codes(std::string(chunk_positions * other / 8, '\0'), entries),
                ErrorCode::corrupt)
          << "those of another width";
    }
  }
}

TEST(CodesBlob, ACodeThatIsNotInTheDictionaryIsCorruptAtAnyPosition) {
  for (const std::size_t entries : {2U, 255U, 257U, 16'128U}) {
    for (const std::size_t position : {std::size_t{0}, chunk_positions / 2, chunk_positions - 1}) {
      std::vector<std::uint16_t> codes(chunk_positions);
      codes[position] = static_cast<std::uint16_t>(entries - 1);
      EXPECT_EQ(error_of_codes(encode_codes(codes, entries), entries), std::nullopt);
      codes[position] = static_cast<std::uint16_t>(entries);
      EXPECT_EQ(error_of_codes(encode_codes(codes, entries), entries), ErrorCode::corrupt)
          << entries << ' ' << position;
    }
  }
}

struct NumbersCase {
  std::vector<std::int64_t> numbers;  // the last stands at every position that is left
  std::size_t width;
  std::string_view hex;  // of those given
};

TEST(NumbersBlob, HasOffsetsFromTheMinimumInTheLeastWidthThatHoldsThem) {
  const NumbersCase cases[] = {
      {{7, 7}, 1, "0000"},
      {{5, 6, 260}, 1, "0001ff"},
      {{-3, -1, 252}, 1, "0002ff"},
      {{-1, 255}, 2, "00000001"},
      {{1'000, 66'535, 1'001}, 2, "0000ffff0100"},
      {{0, 0x10000, 0x01020304}, 4, "000000000000010004030201"},
      {{-5, 0xFFFFFFFA}, 4, "00000000ffffffff"},
      {{0, std::int64_t{1} << 48}, 8, "00000000000000000000000000000100"},
      {{least, greatest, 0}, 8, "0000000000000000ffffffffffffffff0000000000000080"},
      {{least, least + 258}, 2, "00000201"},
      {{greatest, greatest - 1}, 1, "0100"},
  };
  for (const NumbersCase& a_case : cases) {
    SCOPED_TRACE(a_case.hex);
    const auto numbers = padded(a_case.numbers);
    const ColumnBounds bounds = bounds_of(numbers);
    const std::string blob = encode_numbers(numbers, bounds);
    ASSERT_EQ(blob.size(), chunk_positions * a_case.width);
    EXPECT_EQ(hex_at(blob, 0, a_case.hex.size() / 2), a_case.hex);
    EXPECT_EQ(blob.substr(blob.size() - a_case.width),
              bytes_of(a_case.hex.substr(a_case.hex.size() - 2 * a_case.width)));
    std::vector<std::int64_t> read(chunk_positions);
    ASSERT_TRUE(decode_numbers(blob, bounds, read));
    EXPECT_EQ(read, numbers);
  }
}

TEST(NumbersBlob, OfSixBytesAreTheUpperFourOfAllAndThenTheLowerTwo) {
  const auto numbers = padded<std::int64_t>({-1, 0xFFFFFFFF, 0x010203040505, 0xFFFFFFFFFFFE});
  const ColumnBounds bounds = bounds_of(numbers);
  const std::string blob = encode_numbers(numbers, bounds);
  ASSERT_EQ(blob.size(), chunk_positions * 6);
  EXPECT_EQ(hex_at(blob, 0, 16),
            "00000000"
            "00000100"
            "04030201"
            "ffffffff");
  EXPECT_EQ(hex_at(blob, chunk_positions * 4, 8),
            "0000"
            "0000"
            "0605"
            "ffff");
  EXPECT_EQ(hex_at(blob, chunk_positions * 4 - 4, 4), "ffffffff");
  EXPECT_EQ(hex_at(blob, chunk_positions * 6 - 2, 2), "ffff");
  std::vector<std::int64_t> read(chunk_positions);
  ASSERT_TRUE(decode_numbers(blob, bounds, read));
  EXPECT_EQ(read, numbers);
}

// Each width as often as the others.
RC_GTEST_PROP(NumbersBlobProperty, WhatIsWrittenIsReadBack, ()) {
  const auto bits = *rc::gen::inRange(0, 65);
  const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  const auto base = static_cast<std::uint64_t>(*rc::gen::arbitrary<std::int64_t>());
  std::vector<std::int64_t> some;
  for (const std::uint64_t number :
       *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::uint64_t>>())) {
    some.push_back(static_cast<std::int64_t>(base + (number * 0x9E3779B97F4A7C15 & mask)));
  }
  const auto numbers = repeated(some);
  const ColumnBounds bounds = bounds_of(numbers);
  std::vector<std::int64_t> read(chunk_positions);
  RC_ASSERT(decode_numbers(encode_numbers(numbers, bounds), bounds, read).has_value());
  RC_ASSERT(read == numbers);
}

TEST(NumbersBlob, OfAWrongLengthAreCorrupt) {
  for (const auto& [max, width] : {std::pair<std::int64_t, std::size_t>(255, 1),
                                   {256, 2},
                                   {0x10000, 4},
                                   {0x100000000, 6},
                                   {greatest, 8}}) {
    const ColumnBounds bounds{.min = 0, .max = max};
    const std::string blob(chunk_positions * width, '\0');
    EXPECT_EQ(error_of_numbers(blob, bounds), std::nullopt);
    EXPECT_EQ(error_of_numbers("", bounds), ErrorCode::corrupt);
    EXPECT_EQ(error_of_numbers(blob.substr(1), bounds), ErrorCode::corrupt);
    EXPECT_EQ(error_of_numbers(blob + '\0', bounds), ErrorCode::corrupt);
    for (const std::size_t other : {1U, 2U, 4U, 6U, 8U}) {
      if (other == width) continue;
      EXPECT_EQ(error_of_numbers(std::string(chunk_positions * other, '\0'), bounds),
                ErrorCode::corrupt)
          << width << " as " << other;
    }
  }
}

TEST(NumbersBlob, ANumberOverItsMaximumIsCorruptAtAnyPosition) {
  for (const std::int64_t offset_max : {std::int64_t{200}, std::int64_t{300}, std::int64_t{70'000},
                                        std::int64_t{1} << 40, std::int64_t{1} << 60}) {
    const ColumnBounds bounds{.min = -7, .max = offset_max - 7};
    for (const std::size_t position : {std::size_t{0}, chunk_positions / 2, chunk_positions - 1}) {
      std::vector<std::int64_t> numbers(chunk_positions, -7);
      numbers[position] = bounds.max;
      EXPECT_EQ(error_of_numbers(encode_numbers(numbers, bounds), bounds), std::nullopt);
      numbers[position] = bounds.max + 1;
      EXPECT_EQ(error_of_numbers(encode_numbers(numbers, bounds), bounds), ErrorCode::corrupt)
          << offset_max << ' ' << position;
    }
  }
}

}  // namespace
}  // namespace agentaudit
