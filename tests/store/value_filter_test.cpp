#include "store/value_filter.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "core/hex.h"

namespace agentaudit {
namespace {

std::vector<DictionaryEntry> entries_of(const std::set<std::uint32_t>& values) {
  std::vector<DictionaryEntry> entries;
  for (const std::uint32_t value : values) entries.push_back({.value = value, .count = 1});
  return entries;
}

bool may_hold(const std::array<std::string, value_filter_slices>& slices, std::uint32_t value) {
  return value_filter_may_hold(slices[value_filter_slice(value)], value);
}

RC_GTEST_PROP(ValueFilterProperty, HoldsEveryValueItWasMadeOf, ()) {
  const auto values =
      *rc::gen::container<std::set<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
  const auto slices = encode_value_filter(entries_of(values));
  for (const std::uint32_t value : values) RC_ASSERT(may_hold(slices, value));
}

TEST(ValueFilter, HoldsOneOtherValueInAHundredAtMost) {
  std::set<std::uint32_t> values;
  std::uint32_t next = 1;
  const auto random = [&next] { return next = next * 1'664'525U + 1'013'904'223U; };
  while (values.size() < chunk_positions) values.insert(random());
  const auto slices = encode_value_filter(entries_of(values));
  int others = 0;
  int held = 0;
  while (others < 20'000) {
    const std::uint32_t value = random();
    if (values.contains(value)) continue;
    ++others;
    held += may_hold(slices, value) ? 1 : 0;
  }
  EXPECT_LT(held, 200);
}

TEST(ValueFilter, SpreadsItsValuesOverTheSlices) {
  std::set<std::uint32_t> values;
  for (std::uint32_t value = 0; value < 16'000; ++value) values.insert(value);
  for (const std::string& slice : encode_value_filter(entries_of(values))) {
    EXPECT_GT(slice.size(), 1'100U);  // a sixteenth of ten bits each is 1,250
    EXPECT_LT(slice.size(), 1'400U);
  }
}

TEST(ValueFilter, OfNothingHoldsNothing) {
  for (const std::string& slice : encode_value_filter({})) EXPECT_EQ(slice, "");
  EXPECT_FALSE(value_filter_may_hold("", 0));
}

// The bytes of docs/sqlite_schema.md, worked out apart from this code.
TEST(ValueFilter, HasTheBytesOfTheSchema) {
  const auto slices = encode_value_filter(entries_of({0, 1, 2, 0xDEAD'BEEF, 0xFFFF'FFFF}));
  EXPECT_EQ(to_hex(slices[4]), "c610");
  EXPECT_EQ(to_hex(slices[7]), "4666");
  EXPECT_EQ(to_hex(slices[9]), "05fa5a");
  EXPECT_EQ(to_hex(slices[14]), "954a");
}

}  // namespace
}  // namespace agentaudit
