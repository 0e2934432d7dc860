// Base64, against the test vectors of RFC 4648, section 10.
#include "ledger/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace agentaudit {
namespace {

TEST(Base64, IsThatOfRfc4648) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("\xfb\xff"), "+/8=");
}

TEST(Base64, OnlyTheOneTextOfSomeBytesIsRead) {
  EXPECT_EQ(from_base64(""), "");
  EXPECT_EQ(from_base64("Zm9vYg=="), "foob");
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"Z"sv, "Zg"sv, "Zg="sv, "Zg==="sv, "Zh=="sv, "Zm9"sv, "Zm9="sv, "Zm9v\n"sv, "Zm9v Zm9v"sv,
        "-_8="sv, "===="sv, "Zg==Zg=="sv, "Zm9v\0"sv, "\0m9v"sv}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

TEST(Base64, NoByteButADigitStandsForOne) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place < 4; ++place) {
      std::string text = "AAAA";
      text[place] = static_cast<char>(byte);
      const std::string written = to_base64(from_base64(text).value_or(""));
      EXPECT_TRUE(written.empty() || written == text) << byte << " at " << place;
    }
  }
}

RC_GTEST_PROP(Base64, WhatWasWrittenIsRead, (const std::string& bytes)) {
  RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
}

}  // namespace
}  // namespace agentaudit
