#include "core/hex.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace agentaudit {
namespace {

TEST(Hex, WritesEveryByteAsTwoLowerCaseDigits) {
  EXPECT_EQ(to_hex(std::string_view("\x00\x0f\xa0\xff", 4)), "000fa0ff");
  EXPECT_EQ(to_hex(""), "");
}

TEST(Hex, AppendsToWhatIsThere) {
  std::string out = "id ";
  append_hex(out, "\x12");
  EXPECT_EQ(out, "id 12");
}

TEST(Hex, RefusesWhatIsNotLowerCaseHex) {
  std::array<char, 1> out{};
  for (const std::string_view hex : {"0g", "g0", "FF", "0x", "1 ", " 1", "/0", ":0", "`0"}) {
    EXPECT_FALSE(from_hex(hex, out)) << hex;
  }
}

TEST(Hex, RefusesAnyOtherNumberOfDigitsThanIsAskedFor) {
  std::array<char, 2> out{};
  for (const std::string_view hex : {"", "0", "00", "000", "00000", "000000"}) {
    EXPECT_FALSE(from_hex(hex, out)) << hex;
  }
}

TEST(Hex, ReadsNothingAsNothing) { EXPECT_TRUE(from_hex("", {})); }

RC_GTEST_PROP(HexProperty, WhatIsWrittenIsReadBack, (const std::string& bytes)) {
  std::string out(bytes.size(), 'x');
  RC_ASSERT(from_hex(to_hex(bytes), out));
  RC_ASSERT(out == bytes);
}

}  // namespace
}  // namespace agentaudit
