#include "core/hex.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

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
  std::string out;
  for (const std::string_view hex : {"0", "0g", "g0", "FF", "0x", "1 ", " 1", "/0", ":0", "`0"}) {
    EXPECT_FALSE(from_hex(hex, out)) << hex;
  }
}

TEST(Hex, ReadsNothingAsNothing) {
  std::string out = "old";
  EXPECT_TRUE(from_hex("", out));
  EXPECT_EQ(out, "");
}

RC_GTEST_PROP(HexProperty, WhatIsWrittenIsReadBack, (const std::string& bytes)) {
  std::string out;
  RC_ASSERT(from_hex(to_hex(bytes), out));
  RC_ASSERT(out == bytes);
}

}  // namespace
}  // namespace agentaudit
