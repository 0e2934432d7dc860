#include "server/query_string.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

QueryString parsed(std::string_view text) {
  auto query = QueryString::parse(text);
  EXPECT_TRUE(query) << query.error().message;
  return query ? *query : QueryString();
}

TEST(QueryString, RepeatedAndCommaSeparatedValuesAreOneList) {
  QueryString query = parsed("status=error&status=denied,ok&&status=error");
  EXPECT_EQ(query.take_list("status"), (std::vector<std::string>{"error", "denied", "ok"}));
  EXPECT_TRUE(query.all_taken());
}

TEST(QueryString, DecodesPercentAndPlus) {
  QueryString query = parsed("search=a%20b+c%2B%C3%BC&q=");
  EXPECT_EQ(query.take("search").value(), "a b c+\xC3\xBC");
  EXPECT_EQ(query.take("q").value(), std::nullopt);
  EXPECT_EQ(query.take("absent").value(), std::nullopt);
}

TEST(QueryString, ABrokenPercentEncodingNamesTheParameter) {
  for (const std::string_view text : {"a=%", "a=%2", "a=%zz", "a=%-1"}) {
    const auto query = QueryString::parse(text);
    ASSERT_FALSE(query) << text;
    EXPECT_TRUE(query.error().message.starts_with("a: ")) << query.error().message;
  }
  EXPECT_FALSE(QueryString::parse("%=1"));
}

TEST(QueryString, OneValueGivenTwiceIsAnError) {
  QueryString query = parsed("limit=1&limit=2");
  EXPECT_FALSE(query.take("limit"));
}

TEST(QueryString, NamesAParameterThatNobodyTook) {
  QueryString query = parsed("limit=1&limt=2");
  (void)query.take("limit");
  const auto all = query.all_taken();
  ASSERT_FALSE(all);
  EXPECT_NE(all.error().message.find("\"limt\""), std::string::npos);
}

TEST(QueryString, TooManyParametersAreRefused) {
  std::string text;
  for (std::size_t i = 0; i <= QueryString::parameters_max; ++i) text += "a=1&";
  EXPECT_FALSE(QueryString::parse(text));
}

}  // namespace
}  // namespace agentaudit
