#include "server/token_list.h"

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "store/error_code.h"
#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

class TokenListTest : public testing::Test {
 protected:
  void put(const std::string& text) const {
    std::ofstream(path_) << text;
    std::filesystem::permissions(
        path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  // Of a file with one token that has these members, and others where it lacks them.
  Result<TokenList> read_with(const std::string& members) {
    put(R"({"tokens":[{)" + members + R"(,"id":"a","sha256":")" + std::string(64, '0') +
        R"(","created":"2026-01-01T00:00:00Z"}]})");
    auto list = TokenList::read(path_);
    std::filesystem::remove(path_);
    return list;
  }

  ScratchDirectory scratch_;
  std::filesystem::path path_ = scratch_ / "tokens.json";
};

TEST_F(TokenListTest, SaysWhichTokenIsWrongAndHow) {
  ASSERT_TRUE(read_with(R"("scopes":["read"],"bytes_per_minute":7)"));
  for (const auto& [members, why] : std::vector<std::pair<std::string, std::string>>{
           {R"("sha256":"00")", "the sha256 of token \"a\" is none"},
           {R"("created":"today")", "created of token \"a\" is no time"},
           {R"("requests_per_minute":"7")", "requests_per_minute of token \"a\" is no number"},
           {R"("bytes_per_minute":-1)", "bytes_per_minute of token \"a\" is no number"},
           {R"("scopes":["read","root"])", "\"root\" of token \"a\" is no scope"},
           {R"("scopes":["none"])", "\"none\" of token \"a\" is no scope"}}) {
    const auto list = read_with(members);
    ASSERT_FALSE(list) << members;
    EXPECT_EQ(list.error().code, ErrorCode::parse);
    EXPECT_EQ(list.error().message, path_.native() + ": " + why);
  }
}

TEST_F(TokenListTest, SaysWhyItsFileCannotBeReadOrWritten) {
  std::ofstream(path_) << "{}";
  const std::filesystem::path below = path_ / "tokens.json";
  const auto list = TokenList::read(below);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, ErrorCode::io);
  EXPECT_EQ(list.error().message, below.native() + ": Not a directory");
  EXPECT_FALSE(TokenList().write(below));

  const std::filesystem::path directory = scratch_ / "directory";
  std::filesystem::create_directory(directory);
  const auto written = TokenList().write(directory);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io);
  EXPECT_EQ(written.error().message, directory.native() + ": Is a directory");
}

TEST_F(TokenListTest, HasALimitUpToWhichItCanBeReadAgain) {
  TokenList list;
  for (std::size_t i = 0; i < TokenList::tokens_max; ++i) {
    ASSERT_TRUE(list.create({.id = {},
                             .sha256 = {},
                             .scopes = {Scope::append, Scope::read},
                             .source = "source " + std::to_string(i),
                             .name = "a name that people gave it",
                             .requests_per_minute = 1'000,
                             .bytes_per_minute = 1'000'000}));
  }
  const auto more = list.create({});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::full);
  EXPECT_EQ(more.error().message, "there are 10000 tokens already");
  ASSERT_TRUE(list.write(path_));
  const auto again = TokenList::read(path_);
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->tokens().size(), TokenList::tokens_max);
  EXPECT_EQ(again->tokens().back().source, "source 9999");
  EXPECT_EQ(again->tokens().back().bytes_per_minute, 1'000'000);
}

TEST_F(TokenListTest, AFileOverItsLimitsIsNeitherReadNorWritten) {
  std::string tokens = "{}";
  for (std::size_t i = 0; i < TokenList::tokens_max; ++i) tokens += ",{}";
  put(R"({"tokens":[)" + tokens + "]}");
  EXPECT_EQ(error_code(TokenList::read(path_)), ErrorCode::too_large);
  put(std::string((16U << 20U) + 1, ' '));
  const auto list = TokenList::read(path_);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, ErrorCode::too_large);
  EXPECT_EQ(list.error().message, path_.native() + " is over 16 MiB");

  put(R"({"tokens":[]})");
  TokenList large;
  ASSERT_TRUE(large.create({.id = {}, .sha256 = {}, .name = std::string(16U << 20U, 'n')}));
  EXPECT_EQ(error_code(large.write(path_)), ErrorCode::too_large);
  EXPECT_TRUE(TokenList::read(path_)) << "the file is as it was";
}

TEST(Scope, IsKnownByItsName) {
  for (const Scope scope : {Scope::append, Scope::read, Scope::prune, Scope::admin}) {
    EXPECT_EQ(scope_of(to_string(scope)), scope);
  }
  EXPECT_EQ(to_string(Scope::none), "none");
  EXPECT_EQ(scope_of("none"), std::nullopt);
}

}  // namespace
}  // namespace agentaudit
