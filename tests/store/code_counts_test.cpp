#include "store/code_counts.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace agentaudit {
namespace {

// Codes of one column, with how many there are.
struct SomeColumn {
  std::size_t entries = 1;
  std::vector<std::uint16_t> codes{};
  std::vector<std::uint8_t> bytes{};

  [[nodiscard]] Codes view() const { return bytes.empty() ? Codes(codes) : Codes(bytes); }
};

std::vector<std::uint8_t> some_flags(std::size_t positions) {
  return *rc::gen::container<std::vector<std::uint8_t>>(positions,
                                                        rc::gen::inRange<std::uint8_t>(0, 2));
}

SomeColumn some_column(std::size_t positions) {
  SomeColumn column{.entries = *rc::gen::oneOf(rc::gen::inRange<std::size_t>(1, 20),
                                               rc::gen::inRange<std::size_t>(1, 258))};
  column.codes = *rc::gen::container<std::vector<std::uint16_t>>(
      positions, rc::gen::inRange<std::uint16_t>(0, static_cast<std::uint16_t>(column.entries)));
  if (column.entries <= byte_codes_max && *rc::gen::arbitrary<bool>()) {
    column.bytes.assign(column.codes.begin(), column.codes.end());
  }
  return column;
}

std::vector<std::int64_t> counted_one_by_one(const SomeColumn& column,
                                             const std::vector<std::uint8_t>& on) {
  std::vector<std::int64_t> counts(column.entries);
  for (std::size_t p = 0; p < on.size(); ++p) counts[column.codes[p]] += on[p];
  return counts;
}

RC_GTEST_PROP(CodeCountsProperty, CountsThePositionsThatAreOn, ()) {
  const auto on = some_flags(*rc::gen::inRange<std::size_t>(0, 100));
  RC_ASSERT(count_on(on) == std::accumulate(on.begin(), on.end(), std::int64_t{0}));
}

RC_GTEST_PROP(CodeCountsProperty, CountsEachCode, ()) {
  const auto positions = *rc::gen::inRange<std::size_t>(1, 100);
  const auto on = some_flags(positions);
  const SomeColumn column = some_column(positions);
  std::vector<std::int64_t> counts(column.entries);
  count_codes(column.view(), on, counts);
  RC_ASSERT(counts == counted_one_by_one(column, on));
}

RC_GTEST_PROP(CodeCountsProperty, CountsColumnsTogetherAsOneByOne, ()) {
  const auto positions = *rc::gen::inRange<std::size_t>(1, 100);
  const auto on = some_flags(positions);
  std::vector<SomeColumn> columns;
  std::vector<std::vector<std::int64_t>> counts;
  for (std::size_t i = *rc::gen::inRange<std::size_t>(0, 7); i > 0; --i) {
    columns.push_back(some_column(positions));
    counts.emplace_back(columns.back().entries);
  }
  std::vector<CountedColumn> counted;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    counted.push_back({.codes = columns[i].view(), .counts = counts[i]});
  }
  count_columns(counted, on);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    RC_ASSERT(counts[i] == counted_one_by_one(columns[i], on));
  }
}

TEST(CodeCounts, AddToWhatIsThere) {
  const std::vector<std::uint8_t> codes = {0, 1, 1};
  const std::vector<std::uint8_t> on = {1, 1, 0};
  std::vector<std::int64_t> counts = {10, 20};
  count_codes(Codes(codes), on, counts);
  EXPECT_EQ(counts, (std::vector<std::int64_t>{11, 21}));
}

TEST(CodeCounts, AllPositionsOfAChunkMayHaveOneCode) {
  const std::vector<std::uint8_t> codes(chunk_positions, 255);
  const std::vector<std::uint8_t> on(chunk_positions, 1);
  std::vector<std::int64_t> counts(256);
  count_codes(Codes(codes), on, counts);
  EXPECT_EQ(counts[255], static_cast<std::int64_t>(chunk_positions));
  EXPECT_EQ(count_on(on), static_cast<std::int64_t>(chunk_positions));
}

}  // namespace
}  // namespace agentaudit
