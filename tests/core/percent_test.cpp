#include "core/percent.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

TEST(Percent, DecodesWhatItEncoded) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every.push_back(static_cast<char>(byte));
  const std::string encoded = percent_encoded(every);
  EXPECT_EQ(encoded.find_first_of("&=?+ /@:#"), std::string::npos);
  EXPECT_EQ(percent_decoded(encoded, true).value(), every);
  EXPECT_EQ(percent_encoded("a-Z_0.9"), "a-Z_0.9");
}

TEST(Percent, PlusIsASpaceWhereAskedFor) {
  EXPECT_EQ(percent_decoded("a+b%2b", true).value(), "a b+");
  EXPECT_EQ(percent_decoded("a+b%2B", false).value(), "a+b+");
}

TEST(Percent, RefusesWhatIsNoHex) {
  for (const char* text : {"%", "a%2", "%zz", "100%"}) {
    const auto decoded = percent_decoded(text, false);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace agentaudit
