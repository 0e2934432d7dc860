#include "core/plain_text.h"

#include <gtest/gtest.h>

#include <string>

namespace agentaudit {
namespace {

bool is_plain(std::uint8_t byte, bool ascii) {
  return byte >= 0x20 && byte != '"' && byte != '\\' && (!ascii || byte < 0x7F);
}

// Every byte, at every place of texts that are shorter and longer than a word, with any
// byte after it.
TEST(PlainText, EndsBeforeTheFirstByteThatIsNot) {
  for (std::size_t size = 1; size <= 17; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string text(size, 'a');
        text[place] = static_cast<char>(byte);
        if (place + 1 < size) text[place + 1] = static_cast<char>(byte ^ 1U);
        const auto expected = [&](bool ascii) {
          std::size_t plain = 0;
          while (plain < size && is_plain(static_cast<std::uint8_t>(text[plain]), ascii)) ++plain;
          return plain;
        };
        ASSERT_EQ(plain_bytes<PlainText::ascii>(text), expected(true)) << byte;
        ASSERT_EQ(plain_bytes<PlainText::bytes>(text), expected(false)) << byte;
      }
    }
  }
  EXPECT_EQ(plain_bytes<PlainText::ascii>(""), 0U);
}

}  // namespace
}  // namespace agentaudit
