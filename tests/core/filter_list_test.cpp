#include "agentaudit/core/filter_list.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace agentaudit {
namespace {

using List = std::vector<std::string>;

TEST(FilterList, SplitsAtCommas) { EXPECT_EQ(parse_filter_list("a,b,c"), (List{"a", "b", "c"})); }

TEST(FilterList, OneValueNeedsNoComma) { EXPECT_EQ(parse_filter_list("a"), List{"a"}); }

TEST(FilterList, TrimsWhiteSpaceAroundValuesButNotWithin) {
  EXPECT_EQ(parse_filter_list(" a ,\tb c\r\n"), (List{"a", "b c"}));
}

TEST(FilterList, DropsBlanks) {
  EXPECT_EQ(parse_filter_list(""), List{});
  EXPECT_EQ(parse_filter_list(" , ,,\t"), List{});
  EXPECT_EQ(parse_filter_list(",a,,b,"), (List{"a", "b"}));
}

TEST(FilterList, KeepsTheFirstOfRepeatedValuesInTheirOrder) {
  EXPECT_EQ(parse_filter_list("b,a, b ,c,a"), (List{"b", "a", "c"}));
}

TEST(FilterList, CaseMatters) { EXPECT_EQ(parse_filter_list("a,A"), (List{"a", "A"})); }

TEST(FilterList, KeepsBytesThatAreNotText) {
  EXPECT_EQ(parse_filter_list(std::string_view("\xFF,a\0b", 5)), (List{"\xFF", {"a\0b", 3}}));
}

RC_GTEST_PROP(FilterListProperty, ReadingItsOwnOutputChangesNothing, (const std::string& text)) {
  const List values = parse_filter_list(text);
  std::string joined;
  for (const std::string& value : values) joined += value + ",";
  RC_ASSERT(parse_filter_list(joined) == values);
  RC_ASSERT(std::set<std::string>(values.begin(), values.end()).size() == values.size());
}

}  // namespace
}  // namespace agentaudit
