#include "store/row_binary.h"

#include <limits>

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

TEST(RowBinary, ReadsWhatItWrote) {
  const std::string longer(300, 'x');
  std::string bytes;
  RowBinaryWriter writer(bytes);
  writer.number(std::numeric_limits<std::int64_t>::min());
  writer.text("");
  writer.text(longer);
  writer.fixed("abc");
  writer.number(std::numeric_limits<std::uint64_t>::max());
  RowBinaryReader reader(bytes);
  EXPECT_EQ(reader.number(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.text(), longer);
  EXPECT_EQ(reader.fixed(3), "abc");
  EXPECT_EQ(reader.unsigned_number(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.at_end());
}

TEST(RowBinary, ReadsAnArrayOfTexts) {
  RowBinaryReader reader(
      std::string_view("\x02\x01"
                       "a\x00",
                       4));
  EXPECT_EQ(reader.texts(), (std::vector<std::string_view>{"a", ""}));
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.at_end());
}

TEST(RowBinary, AnAnswerThatIsCutIsNotOkAndYieldsNothingMore) {
  for (const std::string_view cut : {"\x05"
                                     "abc",
                                     "\x80", "\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    RowBinaryReader text(cut);
    EXPECT_EQ(text.text(), "");
    EXPECT_FALSE(text.ok());
    EXPECT_TRUE(text.at_end());
    EXPECT_EQ(text.number(), 0);
    RowBinaryReader texts(cut);
    EXPECT_TRUE(texts.texts().empty());
    EXPECT_FALSE(texts.ok());
  }
  RowBinaryReader number("1234567");
  EXPECT_EQ(number.number(), 0);
  EXPECT_FALSE(number.ok());
}

}  // namespace
}  // namespace agentaudit
