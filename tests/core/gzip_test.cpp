#include "core/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace agentaudit {
namespace {

std::string packed(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

constexpr std::size_t plenty = 1U << 20U;

TEST(Gzip, GivesBackWhatWasPacked) {
  for (const std::string& text : {std::string(), std::string("{}"), std::string(300'000, 'x')}) {
    const auto unpacked = gunzip(packed(text), plenty);
    ASSERT_TRUE(unpacked);
    EXPECT_EQ(*unpacked, text);
  }
}

TEST(Gzip, IsKnownByItsFirstBytes) {
  EXPECT_TRUE(is_gzip(packed("a")));
  EXPECT_FALSE(is_gzip("{}"));
  EXPECT_FALSE(is_gzip("\x1f"));
  EXPECT_FALSE(is_gzip(""));
}

TEST(Gzip, OfSeveralMembersIsAllOfThem) {
  EXPECT_EQ(gunzip(packed("one") + packed("") + packed("two"), plenty).value(), "onetwo");
  EXPECT_EQ(gunzip(packed("one") + std::string(512, '\0'), plenty).value(), "one");
}

TEST(Gzip, MayUnpackToExactlyTheLimit) {
  EXPECT_TRUE(gunzip(packed(std::string(1'000, 'x')), 1'000));
  const auto over = gunzip(packed(std::string(1'001, 'x')), 1'000);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::too_large);
}

TEST(Gzip, ThatIsABombIsRefused) {
  const std::string bomb = packed(std::string(64U << 20U, '\0'));
  EXPECT_LT(bomb.size(), 128U << 10U);
  const auto unpacked = gunzip(bomb, plenty);
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code, ErrorCode::too_large);
}

TEST(Gzip, ThatIsCutAnywhereIsRefused) {
  const std::string whole = packed("a text that is long enough to be cut in the middle");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto unpacked = gunzip(whole.substr(0, size), plenty);
    ASSERT_FALSE(unpacked) << size;
    EXPECT_EQ(unpacked.error().code, ErrorCode::parse);
  }
}

TEST(Gzip, ThatIsDamagedIsRefused) {
  std::string damaged = packed(std::string(1'000, 'x'));
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] + 1);  // checksum
  const auto unpacked = gunzip(damaged, plenty);
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code, ErrorCode::parse);
  EXPECT_FALSE(gunzip(packed("one") + "more", plenty));
  EXPECT_FALSE(gunzip("{}", plenty));
}

}  // namespace
}  // namespace agentaudit
