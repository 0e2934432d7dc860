#include "store/contains.h"
#include "core/ascii.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

TEST(Contains, FindsTheNeedleAtTheStartInTheMiddleAndAtTheEnd) {
  EXPECT_TRUE(contains_ignoring_case("needle", "needle"));
  EXPECT_TRUE(contains_ignoring_case("needle in hay", "needle"));
  EXPECT_TRUE(contains_ignoring_case("a needle in hay", "needle"));
  EXPECT_TRUE(contains_ignoring_case("hay and needle", "needle"));
}

TEST(Contains, ANeedleThatDoesNotFitIsNotFound) {
  EXPECT_FALSE(contains_ignoring_case("needl", "needle"));
  EXPECT_FALSE(contains_ignoring_case("", "n"));
  EXPECT_FALSE(contains_ignoring_case("hay needl", "needle"));
}

TEST(Contains, TheEmptyNeedleIsEverywhere) {
  EXPECT_TRUE(contains_ignoring_case("", ""));
  EXPECT_TRUE(contains_ignoring_case("x", ""));
}

TEST(Contains, AsciiLettersMatchInEitherCase) {
  EXPECT_TRUE(contains_ignoring_case("NEEDLE", "needle"));
  EXPECT_TRUE(contains_ignoring_case("xnEeDlEx", "needle"));
  EXPECT_TRUE(contains_ignoring_case("AZ", "az"));
}

TEST(Contains, OtherBytesMatchOnlyThemselves) {
  // Neighbours of the letters in ASCII, one bit from each other.
  EXPECT_FALSE(contains_ignoring_case("@[", "`{"));
  EXPECT_FALSE(contains_ignoring_case("`{", "@["));
  EXPECT_FALSE(contains_ignoring_case("\xc3\x84", "\xc3\xa4"));
  EXPECT_TRUE(contains_ignoring_case(std::string_view("a\0b", 3), std::string_view("\0b", 2)));
  EXPECT_FALSE(contains_ignoring_case(std::string_view("a\0c", 3), std::string_view("\0b", 2)));
}

TEST(Contains, AFalseStartDoesNotHideTheNeedle) {
  EXPECT_TRUE(contains_ignoring_case("nneedle", "needle"));
  EXPECT_TRUE(contains_ignoring_case("aAab", "aab"));
  EXPECT_TRUE(contains_ignoring_case("NnNe", "ne"));
}

// The whole of a small alphabet, against the plainest search there is.
TEST(Contains, AgreesWithAPlainSearchOnEveryShortText) {
  constexpr std::string_view alphabet = "aAb\xff";
  const auto text_of = [&](int number, int length) {
    std::string text;
    for (int i = 0; i < length; ++i, number /= 4)
      text += alphabet[static_cast<std::size_t>(number % 4)];
    return text;
  };
  const auto lower = [](std::string text) {
    text = to_lower_ascii(text);
    return text;
  };
  for (int needle_number = 0; needle_number < 64; ++needle_number) {
    const std::string needle =
        lower(text_of(needle_number, 3)).substr(0, 1 + static_cast<std::size_t>(needle_number % 3));
    for (int text_number = 0; text_number < 1'024; ++text_number) {
      const std::string text = text_of(text_number, 5);
      ASSERT_EQ(contains_ignoring_case(text, needle), lower(text).find(needle) != std::string::npos)
          << text << " / " << needle;
    }
  }
}

TEST(Contains, OnlyAsciiLettersHaveALowerCase) {
  for (int c = 0; c < 256; ++c) {
    const char before = static_cast<char>(c);
    const bool upper = c >= 'A' && c <= 'Z';
    EXPECT_EQ(to_lower_ascii(before), upper ? static_cast<char>(c + 32) : before) << c;
  }
}

}  // namespace
}  // namespace agentaudit
