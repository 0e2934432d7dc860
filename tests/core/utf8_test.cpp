#include "core/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <optional>

namespace agentaudit {
namespace {

// Table 3-7 of the Unicode standard, spelled out: how many bytes a well-formed
// sequence at the start of `text` has; 0: there is none.
std::size_t well_formed_bytes(std::string_view text) {
  const auto in = [&](std::size_t i, unsigned least, unsigned most) {
    if (i >= text.size()) return false;
    const auto byte = static_cast<unsigned char>(text[i]);
    return byte >= least && byte <= most;
  };
  if (in(0, 0x00, 0x7F)) return 1;
  if (in(0, 0xC2, 0xDF)) return in(1, 0x80, 0xBF) ? 2 : 0;
  const bool third = in(2, 0x80, 0xBF);
  if (in(0, 0xE0, 0xE0)) return in(1, 0xA0, 0xBF) && third ? 3 : 0;
  if (in(0, 0xE1, 0xEC) || in(0, 0xEE, 0xEF)) return in(1, 0x80, 0xBF) && third ? 3 : 0;
  if (in(0, 0xED, 0xED)) return in(1, 0x80, 0x9F) && third ? 3 : 0;
  const bool fourth = third && in(3, 0x80, 0xBF);
  if (in(0, 0xF0, 0xF0)) return in(1, 0x90, 0xBF) && fourth ? 4 : 0;
  if (in(0, 0xF1, 0xF3)) return in(1, 0x80, 0xBF) && fourth ? 4 : 0;
  if (in(0, 0xF4, 0xF4)) return in(1, 0x80, 0x8F) && fourth ? 4 : 0;
  return 0;
}

std::string bytes_of(std::uint32_t packed, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>((packed >> (8 * i)) & 0xFFU);
  return text;
}

TEST(Utf8, DecodesExactlyTheWellFormedSequencesOfOneToThreeBytes) {
  for (std::size_t count = 1; count <= 3; ++count) {
    for (std::uint32_t packed = 0; packed < 1U << (8 * count); ++packed) {
      const std::string text = bytes_of(packed, count);
      ASSERT_EQ(decode_utf8(text).bytes, well_formed_bytes(text)) << packed;
    }
  }
}

TEST(Utf8, DecodesExactlyTheWellFormedSequencesOfFourBytes) {
  constexpr std::string_view edges("\x00\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xFF", 10);
  for (unsigned lead = 0xEE; lead <= 0xFF; ++lead) {
    for (const char second : edges) {
      for (const char third : edges) {
        for (const char fourth : edges) {
          const std::string text{static_cast<char>(lead), second, third, fourth};
          ASSERT_EQ(decode_utf8(text).bytes, well_formed_bytes(text));
        }
      }
    }
  }
}

TEST(Utf8, EveryCodePointIsDecodedAsItWasWritten) {
  for (std::uint32_t value = 0; value <= 0x10FFFF; ++value) {
    std::string text;
    append_utf8(text, value);
    const CodePoint decoded = decode_utf8(text + "x");
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    ASSERT_EQ(decoded.bytes, surrogate ? 0 : text.size()) << value;
    ASSERT_EQ(decoded.value, surrogate ? 0 : value);
  }
}

TEST(Utf8, WritesASurrogateAsThreeBytes) {
  std::string text;
  append_utf8(text, 0xD800);
  EXPECT_EQ(text, "\xED\xA0\x80");
}

TEST(Utf8, AWholeTextIsValidWhenAllItsSequencesAre) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("Grüße ☃ 😀"));
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
  EXPECT_FALSE(is_utf8("a\xFFz"));
  EXPECT_FALSE(is_utf8("cut \xE2\x98"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
}

RC_GTEST_PROP(Utf8Property, ValidityIsThatOfItsSequences, (const std::string& text)) {
  std::string_view rest = text;
  bool valid = true;
  while (valid && !rest.empty()) {
    const std::size_t bytes = decode_utf8(rest).bytes;
    valid = bytes != 0;
    rest.remove_prefix(bytes);
  }
  RC_ASSERT(is_utf8(text) == valid);
}

TEST(Utf8, ControlsAndInvisibleFormatCharactersAreUnprintable) {
  for (const std::uint32_t value :
       {0x00U,   0x07U,   0x1BU,   0x1FU,   0x7FU,   0x80U,    0x9BU,    0x9FU,   0xADU,
        0x61CU,  0x180EU, 0x200BU, 0x200EU, 0x200FU, 0x2028U,  0x2029U,  0x202AU, 0x202EU,
        0x2060U, 0x2066U, 0x2069U, 0xFEFFU, 0xFFF9U, 0x1D173U, 0xE0001U, 0xE007FU}) {
    EXPECT_TRUE(is_unprintable(value)) << std::hex << value;
  }
}

TEST(Utf8, TextIsPrintable) {
  for (const std::uint32_t value :
       {0x20U,   0x41U,   0x7EU,   0xA0U,   0xACU,    0xAEU,    0xE4U,
        0x5D0U,  0x627U,  0x2010U, 0x2027U, 0x202FU,  0x205FU,  0x2070U,
        0x2603U, 0x4E2DU, 0xFEFEU, 0xFFFCU, 0x1F600U, 0xE0080U, 0x10FFFFU}) {
    EXPECT_FALSE(is_unprintable(value)) << std::hex << value;
  }
}

TEST(Utf8, APrefixEndsAtAWholeCodePoint) {
  EXPECT_EQ(utf8_prefix("aü☃😀", 100), "aü☃😀");
  EXPECT_EQ(utf8_prefix("aü☃😀", 10), "aü☃😀");
  EXPECT_EQ(utf8_prefix("aü☃😀", 9), "aü☃");
  EXPECT_EQ(utf8_prefix("aü☃😀", 7), "aü☃");
  EXPECT_EQ(utf8_prefix("aü☃😀", 5), "aü");
  EXPECT_EQ(utf8_prefix("aü☃😀", 2), "a");
  EXPECT_EQ(utf8_prefix("ü", 1), "");
  EXPECT_EQ(utf8_prefix("", 0), "");
}

TEST(Utf8, APrefixOfBytesThatAreNoTextGivesUpAtMostThree) {
  EXPECT_EQ(utf8_prefix(std::string(10, '\x80'), 8).size(), 5U);
}

}  // namespace
}  // namespace agentaudit
