// Grams: never a false "no", and their bits as they stand in the file.
#include "store/gram_bitmap.h"
#include "core/ascii.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "store/contains.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

using namespace std::literals;

std::string lower(std::string text) {
  text = to_lower_ascii(text);
  return text;
}

// Few bytes, so that texts share grams, with every kind of them.
rc::Gen<std::string> any_text() {
  return rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::elementOf("aAbBzZ@[`{ \xc3\xa4\xff\0"s), rc::gen::arbitrary<char>()));
}

GramBitmap bitmap_of(std::string_view text) {
  GramBuilder builder;
  builder.add(text);
  return builder.bitmap();
}

bool bit(const std::string& blob, std::size_t number) {
  return (static_cast<unsigned char>(blob[number / 8]) >> number % 8 & 1) != 0;
}

std::size_t bits_set(const std::string& blob) {
  std::size_t set = 0;
  for (std::size_t n = 0; n < blob.size() * 8; ++n) set += bit(blob, n) ? 1 : 0;
  return set;
}

RC_GTEST_PROP(GramBitmapProperty, HoldsEveryPieceOfEveryText, ()) {
  const auto texts = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(any_text()));
  GramBuilder builder;
  for (const std::string& text : texts) builder.add(text);
  const GramBitmap bitmap = builder.bitmap();
  const std::string& text = *rc::gen::elementOf(texts);
  const auto from = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
  const auto bytes = *rc::gen::inRange<std::size_t>(0, text.size() - from + 1);
  RC_ASSERT(bitmap.may_hold(lower(text.substr(from, bytes))));
  RC_ASSERT(bitmap.may_hold(lower(text)));
}

RC_GTEST_PROP(GramBitmapProperty, WhatIsWrittenIsReadBack, ()) {
  const GramBitmap bitmap = bitmap_of(*any_text());
  const std::string blob = bitmap.encode();
  RC_ASSERT(blob.size() == GramBitmap::bytes);
  RC_ASSERT(GramBitmap::decode(blob).value().encode() == blob);
}

TEST(GramBitmap, RefusesANeedleThatIsNotThere) {
  const GramBitmap bitmap = bitmap_of("read_file: src/store");
  EXPECT_TRUE(bitmap.may_hold("src/store"));
  EXPECT_FALSE(bitmap.may_hold("src/other"));
  EXPECT_FALSE(bitmap.may_hold("xyz"));
  EXPECT_FALSE(bitmap.may_hold("src/stores")) << "the last gram is not there";
  EXPECT_FALSE(bitmap.may_hold("asrc/store")) << "the first gram is not there";
  EXPECT_FALSE(GramBitmap().may_hold("src"));
}

TEST(GramBitmap, ANeedleOfFewerThanThreeBytesIsAlwaysPossible) {
  for (const std::string_view needle : {""sv, "x"sv, "xy"sv, "\xff\0"sv}) {
    EXPECT_TRUE(GramBitmap().may_hold(needle)) << needle;
  }
  EXPECT_FALSE(GramBitmap().may_hold("xyz"));
}

TEST(GramBitmap, TextsOfFewerThanThreeBytesHaveNoGrams) {
  GramBuilder builder;
  for (const std::string_view text : {"", "a", "ab"}) builder.add(text);
  EXPECT_EQ(bits_set(builder.bitmap().encode()), 0U);
}

TEST(GramBitmap, NoGramReachesFromOneTextIntoTheNext) {
  GramBuilder builder;
  builder.add("abc");
  builder.add("def");
  const GramBitmap bitmap = builder.bitmap();
  EXPECT_TRUE(bitmap.may_hold("abc"));
  EXPECT_TRUE(bitmap.may_hold("def"));
  EXPECT_FALSE(bitmap.may_hold("bcd"));
  EXPECT_EQ(bits_set(bitmap.encode()), 2U);
}

TEST(GramBitmap, AsciiLettersMatchInEitherCaseAndOtherBytesOnlyThemselves) {
  EXPECT_EQ(bitmap_of("AZM").encode(), bitmap_of("azm").encode());
  EXPECT_TRUE(bitmap_of("ReAd").may_hold("read"));
  // Neighbours of the letters in ASCII, and a letter that is not ASCII.
  EXPECT_FALSE(bitmap_of("@@@").may_hold("```"));
  EXPECT_FALSE(bitmap_of("[[[").may_hold("{{{"));
  EXPECT_FALSE(bitmap_of("x\xc3\x84").may_hold("x\xc3\xa4"));
}

TEST(GramBitmap, EveryByteCounts) {
  EXPECT_TRUE(bitmap_of("a\0b"sv).may_hold("a\0b"sv));
  EXPECT_FALSE(bitmap_of("a\0b"sv).may_hold("a\0c"sv));
  EXPECT_TRUE(bitmap_of("\0\0\0"sv).may_hold("\0\0\0"sv));
  EXPECT_TRUE(bitmap_of("\xff\xfe\x80").may_hold("\xff\xfe\x80"));
  EXPECT_FALSE(bitmap_of("\xff\xfe\x80").may_hold("\xff\xfe\x81"));
}

// The document's formula by hand: "abc" is 0x636261, times 0x9E3779B1 modulo 2^32
// 0x3F0DDE11, of 64,000 bit 15,763; "bcd" comes to 35,609.
TEST(GramBitmap, SetsTheDocumentedBits) {
  std::string expected(8'000, '\0');
  EXPECT_EQ(GramBitmap().encode(), expected);
  expected[15'763 / 8] = '\x08';
  EXPECT_EQ(bitmap_of("abc").encode(), expected);
  expected[35'609 / 8] = '\x02';
  EXPECT_EQ(bitmap_of("abcd").encode(), expected);
  expected[0] = '\x01';
  GramBuilder builder;
  builder.add("abcd");
  builder.add("\0\0\0"sv);
  EXPECT_EQ(builder.bitmap().encode(), expected) << "the gram 0 is bit 0";
}

// A builder takes eight bytes at a step and leaves out those that it took lately.
TEST(GramBuilder, SetsTheSameBitsForATextOfAnyLengthAndAgain) {
  const std::string text = "\0\0\0\0\0\0\0\0{\"Path\":\"/Src/[store]\"}\xc3\x84@AZ`az{"s;
  for (std::size_t bytes = 0; bytes <= text.size(); ++bytes) {
    GramBuilder grams;
    for (std::size_t at = 0; at + 3 <= bytes; ++at) grams.add(text.substr(at, 3));
    GramBuilder whole;
    whole.add(text.substr(0, bytes));
    EXPECT_EQ(whole.bitmap().encode(), grams.bitmap().encode()) << bytes;
    whole.add(text.substr(0, bytes));
    EXPECT_EQ(whole.bitmap().encode(), grams.bitmap().encode()) << bytes;
  }
}

TEST(GramBuilder, EightZeroBytesAreATextLikeAnyOther) {
  GramBuilder builder;
  builder.add("\0\0\0\0\0\0\0\0"sv);
  EXPECT_EQ(bits_set(builder.bitmap().encode()), 1U);
}

TEST(GramBuilder, AfterClearKnowsNothingOfBefore) {
  GramBuilder builder;
  builder.add("a text of before");
  builder.clear();
  EXPECT_EQ(bits_set(builder.bitmap().encode()), 0U);
  builder.add("a text of before");
  EXPECT_EQ(builder.bitmap().encode(), bitmap_of("a text of before").encode());
}

TEST(GramBitmap, OfAWrongLengthIsCorrupt) {
  for (const std::size_t bytes : {0U, 1U, 7'999U, 8'001U, 64'000U}) {
    EXPECT_EQ(error_code(GramBitmap::decode(std::string(bytes, '\0'))), ErrorCode::corrupt)
        << bytes;
  }
}

}  // namespace
}  // namespace agentaudit
