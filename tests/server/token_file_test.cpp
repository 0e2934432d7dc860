#include "server/token_file.h"

#include <functional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;

class TokenFileTest : public testing::Test {
 protected:
  std::string create() {
    auto list = TokenList::read(path_).value();
    const std::string text = list.create({.id = {}, .sha256 = {}}).value();
    EXPECT_TRUE(list.write(path_));
    return text;
  }
  // It looks at the file once a second.
  static bool comes_true(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(10ms);
    }
    return true;
  }

  ScratchDirectory scratch_;
  std::filesystem::path path_ = scratch_ / "tokens.json";
};

TEST_F(TokenFileTest, HasTheTokensThatHoldNow) {
  const std::string first = create();
  const auto file = TokenFile::open(path_).value();
  ASSERT_NE(file->current(), nullptr);
  EXPECT_NE(file->current()->find(first), nullptr);
  const std::string second = create();
  EXPECT_TRUE(comes_true([&] { return file->current()->find(second) != nullptr; }));
  EXPECT_NE(file->current()->find(first), nullptr);
  // Without the file nobody needs one.
  std::filesystem::remove(path_);
  EXPECT_TRUE(comes_true([&] { return file->current() == nullptr; }));
  const std::string third = create();
  EXPECT_TRUE(comes_true([&] { return file->current() != nullptr; }));
  EXPECT_NE(file->current()->find(third), nullptr);
  EXPECT_EQ(file->current()->find(first), nullptr);
}

TEST_F(TokenFileTest, ThatCannotBeReadIsNotOpened) {
  create();
  std::filesystem::permissions(path_, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const auto file = TokenFile::open(path_);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::permission);
  EXPECT_EQ(file.error().message,
            path_.native() + " can be read or changed by others; chmod 600 keeps them out");
}

}  // namespace
}  // namespace agentaudit
