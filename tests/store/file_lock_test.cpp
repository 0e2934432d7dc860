#include "store/file_lock.h"

#include <atomic>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/error_code.h"
#include "store/forked_child.h"
#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

using std::chrono::milliseconds;

class FileLockTest : public testing::Test {
 protected:
  FileLockTest() { std::ofstream{path_}; }

  FileLock open_lock() { return std::move(FileLock::open(path_).value()); }

  ScratchDirectory scratch_;
  std::filesystem::path path_ = scratch_ / "audit.db";
};

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status{};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 0777U;
}

TEST_F(FileLockTest, TheLockFileStandsBesideAndHasTheSameMode) {
  chmod(path_.c_str(), 0660);
  const FileLock lock = open_lock();
  EXPECT_EQ(mode_of(scratch_ / "audit.db.lock"), 0660U);
}

TEST_F(FileLockTest, AnExistingLockFileKeepsItsMode) {
  std::ofstream{scratch_ / "audit.db.lock"};
  chmod((scratch_ / "audit.db.lock").c_str(), 0640);
  const FileLock lock = open_lock();
  EXPECT_EQ(mode_of(scratch_ / "audit.db.lock"), 0640U);
}

TEST_F(FileLockTest, ALinkInItsPlaceIsNotFollowed) {
  std::filesystem::create_symlink(scratch_ / "elsewhere", scratch_ / "audit.db.lock");
  EXPECT_FALSE(FileLock::open(path_));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "elsewhere"));
}

TEST_F(FileLockTest, WithoutADirectoryThereIsNoLock) {
  EXPECT_EQ(error_code(FileLock::open(scratch_ / "missing" / "audit.db")), ErrorCode::not_found);
}

TEST_F(FileLockTest, OneHoldsItAndTheOtherIsToldAfterItsTime) {
  FileLock first = open_lock();
  FileLock second = open_lock();
  const auto held = first.hold(milliseconds(0));
  ASSERT_TRUE(held);
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(error_code(second.hold(milliseconds(30))), ErrorCode::busy);
  EXPECT_GE(std::chrono::steady_clock::now() - started, milliseconds(30));
  EXPECT_EQ(error_code(second.hold(milliseconds(0))), ErrorCode::busy);
}

TEST_F(FileLockTest, TheEndOfTheHoldLetsTheNextOneIn) {
  FileLock first = open_lock();
  FileLock second = open_lock();
  {
    const auto held = first.hold(milliseconds(0));
  }
  const auto held = second.hold(milliseconds(0));
  EXPECT_TRUE(held);
  EXPECT_EQ(error_code(first.hold(milliseconds(0))), ErrorCode::busy);
}

TEST_F(FileLockTest, AWaitingOneGetsItWhenItIsLetGo) {
  FileLock first = open_lock();
  FileLock second = open_lock();
  auto held = first.hold(milliseconds(0));
  std::thread waiter([&] { EXPECT_TRUE(second.hold(std::chrono::minutes(1))); });
  held->reset();
  waiter.join();
}

TEST_F(FileLockTest, OneThatTakesItWithoutAPauseStillGivesWay) {
  std::atomic<bool> done = false;
  std::atomic<int> turns = 0;
  std::thread greedy([&] {
    FileLock lock = open_lock();
    while (!done) {
      const auto held = lock.hold(std::chrono::minutes(1));
      EXPECT_TRUE(held);
      ++turns;
      std::this_thread::sleep_for(milliseconds(2));  // the work under the lock
    }
  });
  while (turns == 0) std::this_thread::yield();
  FileLock lock = open_lock();
  for (int i = 0; i < 20; ++i) {
    const int before = turns;
    EXPECT_TRUE(lock.hold(std::chrono::minutes(1)));
    EXPECT_LE(turns - before, 3);
  }
  done = true;
  greedy.join();
}

TEST_F(FileLockTest, AProcessThatDiesLetsGo) {
  ForkedChild child([&] {
    FileLock lock = open_lock();
    const auto held = lock.hold(milliseconds(0));
    return held ? raise(SIGKILL) : 1;
  });
  EXPECT_EQ(child.wait(), -SIGKILL);
  FileLock lock = open_lock();
  EXPECT_TRUE(lock.hold(milliseconds(0)));
}

TEST_F(FileLockTest, AMovedLockIsTheSameLock) {
  FileLock first = open_lock();
  FileLock moved = std::move(first);
  const auto held = moved.hold(milliseconds(0));
  FileLock other = open_lock();
  EXPECT_EQ(error_code(other.hold(milliseconds(0))), ErrorCode::busy);
}

}  // namespace
}  // namespace agentaudit
