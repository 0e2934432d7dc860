#include "store/postgres_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/utf8.h"

namespace agentaudit::postgres_text {
namespace {

using namespace std::string_literals;

TEST(PostgresTextTest, CharactersStayAsTheyAre) {
  for (const std::string& text : {""s, "plain"s, "\x01\x7f"s, "é ß 漢 🔍"s, "\xf4\x8f\xbb\xbf"s}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_EQ(escaped(text), text);
  }
}

TEST(PostgresTextTest, WhatIsNoCharacterIsEscapedByteByByte) {
  EXPECT_EQ(escaped("\0"s), "\xf4\x8f\xbc\x80");
  EXPECT_EQ(escaped("a\xff"s), "a\xf4\x8f\xbf\xbf");
  EXPECT_EQ(escaped("\xc3("s), "\xf4\x8f\xbf\x83(");
  // A surrogate, an overlong form, a character that is cut off.
  for (const std::string& text : {"\xed\xa0\x80"s, "\xc0\xaf"s, "\xe2\x82"s, "\xf5\x80\x80\x80"s}) {
    EXPECT_FALSE(is_utf8(text));
    EXPECT_EQ(escaped(text).size(), text.size() * 4);
    EXPECT_EQ(unescaped(escaped(text)), text);
  }
}

TEST(PostgresTextTest, ATextThatLooksEscapedComesBackAsItWas) {
  const std::string text = escaped("\0\xff"s);
  EXPECT_TRUE(is_utf8(text));
  EXPECT_EQ(unescaped(escaped(text)), text);
}

RC_GTEST_PROP(PostgresTextTest, AnyBytesComeBackAndAreUtf8WithoutNulBetween, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element("a"s, "\0"s, "\xc3"s, "\xa9"s, "é"s, "\xe2"s, "\x82"s, "\xac"s, "\xf4"s,
                       "\x8f"s, "\xbc"s, "\xbf"s, "\xff"s, "🔍"s));
  std::string bytes;
  for (const std::string& piece : pieces) bytes += piece;
  const std::string text = escaped(bytes);
  RC_ASSERT(unescaped(text) == bytes);
  RC_ASSERT(is_utf8(text));
  RC_ASSERT(text.find('\0') == std::string::npos);
}

// So that a search can be left to the server.
RC_GTEST_PROP(PostgresTextTest, AWholePieceIsFoundInTheTextIfItIsInTheBytes, ()) {
  const auto any = rc::gen::container<std::vector<std::string>>(
      rc::gen::element("a"s, "\0"s, "\xc3"s, "\xa9"s, "é"s, "\xf4"s, "\x8f"s, "\xbc"s, "\x80"s,
                       "\xf4\x8f\xbc\x80"s));
  std::string bytes;
  for (const std::string& piece : *any) bytes += piece;
  std::string needle;
  for (const std::string& piece : *any) needle += piece;
  if (!is_utf8(needle)) return;
  RC_ASSERT((bytes.find(needle) != std::string::npos) ==
            (escaped(bytes).find(escaped(needle)) != std::string::npos));
}

}  // namespace
}  // namespace agentaudit::postgres_text
