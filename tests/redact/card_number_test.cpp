#include "redact/card_number.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace agentaudit {
namespace {

// What is found of it; empty: nothing.
std::string found(std::string_view text) {
  const auto card = find_card_number(text, 0);
  return card ? std::string(card->of(text)) : std::string();
}

TEST(CardNumber, BesideFourHexDigitsIsTheRowOfATable) {
  for (const std::string_view text :
       {"4111 1111 1111 1111 abcd", "4111 1111 1111 1111 0f0f x", "abcd 4111 1111 1111 1111",
        "offset 00F0-4111-1111-1111-1111"}) {
    EXPECT_EQ(found(text), "") << text;
  }
  for (const std::string_view text :
       {"xabcd 4111 1111 1111 1111", "4111 1111 1111 1111 abcde", "4111 1111 1111 1111 12/29",
        "bcd 4111 1111 1111 1111", "4111 1111 1111 1111 wxyz"}) {
    EXPECT_EQ(found(text), "4111 1111 1111 1111") << text;
  }
}

TEST(CardNumber, IsOfAnIssuerAndAsLongAsItsNumbersAre) {
  for (const std::string_view number :
       {"4012888888881881", "5555555555554444", "2223003122003222", "378282246310005",
        "30569309025904", "3530111333300000", "6011111111111117"}) {
    EXPECT_EQ(found(number), number);
    // As printed on none: one digit more or less.
    EXPECT_EQ(found(std::string(number) + "0"), "");
    EXPECT_EQ(found(number.substr(1)), "");
  }
}

TEST(CardNumber, IsFoundBesideItsCheckCode) {
  EXPECT_EQ(found("pay 4111 1111 1111 1111 123"), "4111 1111 1111 1111");
  EXPECT_EQ(found("3782 822463 10005 1234"), "3782 822463 10005");
  EXPECT_EQ(found("4111-1111-1111-1111-123"), "");  // one word, and no number
  // Of 19 digits in all.
  EXPECT_EQ(found("6205 5000 0000 0000 004"), "6205 5000 0000 0000 004");
}

TEST(CardNumber, OfAnUnusualLengthNeedsAWordThatNamesIt) {
  EXPECT_EQ(found("4222222222222"), "");
  EXPECT_EQ(found("visa: 4222222222222"), "4222222222222");
  EXPECT_EQ(found("order_id=4111111111111111"), "");
  EXPECT_EQ(found("card_id=4111111111111111"), "4111111111111111");
}

}  // namespace
}  // namespace agentaudit
