#include "cli/output_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>

#include "store/error_code.h"
#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

class OutputFileTest : public testing::Test {
 protected:
  static WriteContent writes(std::string text) {
    return [text = std::move(text)](Output& out) -> Result<void> {
      out.write(text);
      return {};
    };
  }
  [[nodiscard]] std::string content() const {
    std::ostringstream text;
    text << std::ifstream(file_, std::ios::binary).rdbuf();
    return text.str();
  }
  // What is in the directory but for the file itself.
  [[nodiscard]] bool leaves_nothing_else() const {
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      if (entry.path() != file_) return false;
    }
    return true;
  }

  ScratchDirectory directory_;
  const std::filesystem::path file_ = directory_ / "out";
};

TEST_F(OutputFileTest, IsWholeAndItsOwnersAlone) {
  ASSERT_TRUE(write_file(file_, writes("text")));
  EXPECT_EQ(content(), "text");
  struct stat status{};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_TRUE(leaves_nothing_else());
}

TEST_F(OutputFileTest, OneThatWasThereIsReplacedOnlyWhenTheContentIsWhole) {
  std::ofstream(file_) << "before";
  const auto failed = write_file(file_, [](Output& out) -> Result<void> {
    out.write("half");
    return fail(ErrorCode::cancelled, "stopped");
  });
  EXPECT_EQ(error_code(failed), ErrorCode::cancelled);
  EXPECT_EQ(content(), "before");
  EXPECT_TRUE(leaves_nothing_else());
  ASSERT_TRUE(write_file(file_, writes("after")));
  EXPECT_EQ(content(), "after");
}

TEST_F(OutputFileTest, ALinkStaysAndItsTargetIsReplaced) {
  const auto target = directory_ / "target";
  std::ofstream(target) << "before";
  std::filesystem::create_symlink(target, file_);
  ASSERT_TRUE(write_file(file_, writes("after")));
  EXPECT_TRUE(std::filesystem::is_symlink(file_));
  EXPECT_FALSE(std::filesystem::is_symlink(target));
  EXPECT_EQ(content(), "after");
}

TEST_F(OutputFileTest, AFileThatCannotBeMadeIsNamed) {
  const std::string name = (directory_ / "nowhere" / "out").native();
  const auto failed = write_file(name, writes("text"));
  ASSERT_EQ(error_code(failed), ErrorCode::io);
  EXPECT_EQ(failed.error().message, "cannot write " + name + ": No such file or directory");
  const auto directory = write_file(directory_.path(), writes("text"));
  ASSERT_EQ(error_code(directory), ErrorCode::io);
  EXPECT_TRUE(directory.error().message.ends_with(": Is a directory"));
}

TEST_F(OutputFileTest, ADeviceIsWrittenInPlaceAndItsFailureTold) {
  ASSERT_TRUE(write_file("/dev/null", writes("text")));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  if (!std::filesystem::is_character_file("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
  const auto failed = write_file("/dev/full", writes("text"));
  ASSERT_EQ(error_code(failed), ErrorCode::io);
  EXPECT_EQ(failed.error().message, "cannot write /dev/full: No space left on device");
  // What the content says goes first.
  const auto cancelled = write_file("/dev/full", [](Output& out) -> Result<void> {
    out.write("half");
    return fail(ErrorCode::cancelled, "stopped");
  });
  EXPECT_EQ(error_code(cancelled), ErrorCode::cancelled);
}

TEST_F(OutputFileTest, AWriteThatFailsLeavesWhatWasThere) {
  std::ofstream(file_) << "before";
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 1'000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto failed = write_file(file_, writes(std::string(2'000, 'x')));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)std::signal(SIGXFSZ, handler);
  ASSERT_EQ(error_code(failed), ErrorCode::io);
  EXPECT_EQ(failed.error().message, "cannot write " + file_.native() + ": File too large");
  EXPECT_EQ(content(), "before");
  EXPECT_TRUE(leaves_nothing_else());
}

TEST_F(OutputFileTest, ANameThatWasTakenMeanwhileIsAnError) {
  const auto failed = write_file(file_, [&](Output& out) -> Result<void> {
    out.write("text");
    std::filesystem::create_directory(file_);
    return {};
  });
  ASSERT_EQ(error_code(failed), ErrorCode::io);
  EXPECT_EQ(failed.error().message, "cannot write " + file_.native() + ": Is a directory");
  EXPECT_TRUE(leaves_nothing_else());
}

}  // namespace
}  // namespace agentaudit
