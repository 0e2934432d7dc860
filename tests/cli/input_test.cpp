#include "cli/input.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include "cli/agentaudit_process.h"

namespace agentaudit {
namespace {

class FollowedFileTest : public testing::Test {
 protected:
  void append(std::string_view text) const { std::ofstream(path_, std::ios::app) << text; }
  void interrupt() const { ASSERT_EQ(::eventfd_write(interrupt_.get(), 1), 0); }

  TrailDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "log.jsonl";
  const FileDescriptor interrupt_{::eventfd(0, EFD_CLOEXEC)};
};

TEST_F(FollowedFileTest, StartsAtTheBeginningAndGoesOn) {
  append("one\n");
  FollowedFile file(path_, interrupt_.get());
  EXPECT_EQ(file.read()->bytes, "one\n");
  EXPECT_FALSE(file.is_ready());
  append("two\n");
  EXPECT_TRUE(file.is_ready());
  EXPECT_EQ(file.read()->bytes, "two\n");
}

TEST_F(FollowedFileTest, WaitsForAFileThatIsNotThereYet) {
  FollowedFile file(path_, interrupt_.get());
  EXPECT_FALSE(file.is_ready());
  append("one\n");
  EXPECT_EQ(file.read()->bytes, "one\n");
}

TEST_F(FollowedFileTest, AReaderThatWaitsGetsWhatComes) {
  FollowedFile file(path_, interrupt_.get());
  auto reader = std::async(std::launch::async, [&] { return std::string(file.read()->bytes); });
  append("one\n");
  EXPECT_EQ(reader.get(), "one\n");
}

TEST_F(FollowedFileTest, AReplacedFileIsReadToItsEndFirst) {
  append("old");
  FollowedFile file(path_, interrupt_.get());
  std::filesystem::rename(path_, path_.native() + ".1");
  append("new\n");
  const auto old = file.read();
  EXPECT_EQ(old->bytes, "old");
  EXPECT_FALSE(old->starts_anew);
  const auto fresh = file.read();
  EXPECT_EQ(fresh->bytes, "new\n");
  EXPECT_TRUE(fresh->starts_anew);
}

TEST_F(FollowedFileTest, ACutFileIsReadFromTheStart) {
  append("a long line\n");
  FollowedFile file(path_, interrupt_.get());
  ASSERT_TRUE(file.read());
  std::filesystem::resize_file(path_, 0);
  append("short\n");
  const auto chunk = file.read();
  EXPECT_EQ(chunk->bytes, "short\n");
  EXPECT_TRUE(chunk->starts_anew);
}

TEST_F(FollowedFileTest, AnInterruptEndsTheWait) {
  FollowedFile file(path_, interrupt_.get());
  interrupt();
  EXPECT_TRUE(file.read()->ended);
}

}  // namespace
}  // namespace agentaudit
