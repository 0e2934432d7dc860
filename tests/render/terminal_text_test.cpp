#include "render/terminal_text.h"

#include <gtest/gtest.h>

#include <string>

#include "core/utf8.h"

namespace agentaudit {
namespace {

TEST(TerminalText, PrintableTextStaysAsItIs) {
  EXPECT_EQ(terminal_text("Grüße ☃ 日本語 C:\\temp"), "Grüße ☃ 日本語 C:\\temp");
}

TEST(TerminalText, ControlCharactersBecomeVisibleEscapes) {
  EXPECT_EQ(terminal_text("a\x1b[31mb\a\n\r\t\x7f"), "a\\x1b[31mb\\x07\\n\\r\\t\\x7f");
}

TEST(TerminalText, EightBitControlsBecomeVisibleEscapes) {
  EXPECT_EQ(terminal_text("\u009b31m"), "\\x9b31m");
}

TEST(TerminalText, NulDoesNotEndTheText) {
  EXPECT_EQ(terminal_text(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(TerminalText, BidirectionalAndInvisibleCharactersBecomeVisibleEscapes) {
  EXPECT_EQ(terminal_text("\u202eabc\u200b\U000e0041"), "\\u202eabc\\u200b\\U000e0041");
}

TEST(TerminalText, BytesThatAreNotUtf8BecomeVisibleEscapes) {
  EXPECT_EQ(terminal_text("\xff\xc3("), "\\xff\\xc3(");
}

TEST(TerminalText, NoByteSequenceOfTwoCanDriveATerminal) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      std::string_view shown;
      const std::string safe = terminal_text(text);
      for (shown = safe; !shown.empty();) {
        const CodePoint point = decode_utf8(shown);
        ASSERT_GT(point.bytes, 0U) << first << ' ' << second;
        ASSERT_FALSE(is_unprintable(point.value)) << first << ' ' << second;
        shown.remove_prefix(point.bytes);
      }
    }
  }
}

TEST(TerminalColumns, CountsWideCharactersTwiceAndCombiningOnesNot) {
  EXPECT_EQ(terminal_columns("ab"), 2U);
  EXPECT_EQ(terminal_columns("日本"), 4U);
  EXPECT_EQ(terminal_columns("e\u0301"), 1U);
  EXPECT_EQ(terminal_columns("\x1b"), 4U);
}

TEST(CutTerminalText, TextThatFitsIsWhole) { EXPECT_EQ(cut_terminal_text("abcd", 4), "abcd"); }

TEST(CutTerminalText, LongTextEndsInAnEllipsisWithinItsColumns) {
  EXPECT_EQ(cut_terminal_text("abcde", 4), "abc…");
}

TEST(CutTerminalText, NeverCutsAWideCharacterOrAnEscapeInTwo) {
  EXPECT_EQ(cut_terminal_text("日本語", 4), "日…");
  EXPECT_EQ(cut_terminal_text("日本語", 5), "日本…");
  EXPECT_EQ(cut_terminal_text("ab\x1b[31m", 5), "ab…");
}

TEST(CutTerminalText, EveryWidthIsKept) {
  const std::string text =
      "a日\x1b☃é\xff"
      "本z";
  for (std::size_t columns = 0; columns < 24; ++columns) {
    EXPECT_LE(terminal_columns(cut_terminal_text(text, columns)), columns);
  }
}

TEST(TerminalLines, LineFeedsEndLinesAndEverythingElseIsSafe) {
  std::string out;
  append_terminal_lines(out, "one\x1b\n\ttwo\n", "> ");
  EXPECT_EQ(out, "> one\\x1b\n> \ttwo\n");
}

}  // namespace
}  // namespace agentaudit
