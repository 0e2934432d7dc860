#include "store/disk_reserve.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

// No file of this process grows beyond `bytes` while it lives: a full disk, as fallocate sees it.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit low{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    (void)::setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

class DiskReserveTest : public testing::Test {
 protected:
  ScratchDirectory directory_;
  const std::filesystem::path file_ = directory_ / "audit.db.reserve";
  DiskReserve reserve_{directory_ / "audit.db"};
};

TEST_F(DiskReserveTest, TakesRoomThatTheDiskHas) {
  reserve_.keep();
  struct stat status{};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_size, DiskReserve::bytes);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_GE(status.st_blocks * 512, DiskReserve::bytes);
}

TEST_F(DiskReserveTest, OneThatIsTooShortIsMadeWhole) {
  std::ofstream(file_) << "short";
  reserve_.keep();
  EXPECT_EQ(std::filesystem::file_size(file_), DiskReserve::bytes);
}

TEST_F(DiskReserveTest, OneThatIsWholeStaysAsItIs) {
  DiskReserve(directory_ / "audit.db").keep();
  const auto written = std::filesystem::last_write_time(file_);
  reserve_.keep();
  EXPECT_EQ(std::filesystem::last_write_time(file_), written);
}

TEST_F(DiskReserveTest, IsGivenBackOnce) {
  reserve_.keep();
  EXPECT_TRUE(reserve_.spend());
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_FALSE(reserve_.spend());
}

TEST_F(DiskReserveTest, IsLookedForAgainOnlyAfterAWhileOrOnceItIsSpent) {
  reserve_.keep();
  std::filesystem::remove(file_);
  reserve_.keep();
  EXPECT_FALSE(std::filesystem::exists(file_));
  (void)reserve_.spend();
  reserve_.keep();
  EXPECT_TRUE(std::filesystem::exists(file_));
}

TEST_F(DiskReserveTest, WithoutItsDirectoryThereIsNone) {
  DiskReserve reserve(directory_ / "nowhere" / "audit.db");
  reserve.keep();
  EXPECT_FALSE(reserve.spend());
}

TEST_F(DiskReserveTest, WithoutRoomForAllOfItThereIsNone) {
  {
    const FileSizeLimit limit(DiskReserve::bytes / 2);
    reserve_.keep();
  }
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_FALSE(reserve_.spend());
}

}  // namespace
}  // namespace agentaudit
