// No space left: one clear error, nothing lost, and the same store works again.

#include <csignal>

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "store/forked_child.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

class SqliteFullDiskTest : public SqliteTrail {
 protected:
  // Inserts until it fails. Returns what was stored; sets `code`.
  static std::int64_t fill(Store& store, std::optional<ErrorCode>& code) {
    Event event = event_at(at(1));
    event.detail = std::string(50'000, 'x');
    std::int64_t stored = 0;
    for (int i = 0; i < 1'000; ++i) {
      const auto id = store.insert(event);
      code = error_code(id);
      if (code) break;
      ++stored;
    }
    return stored;
  }

  static constexpr int no_device = 77;

  // Runs `work` in a child whose scratch directory is a small file system that only it sees.
  int on_device(const char* size, const std::function<int()>& work) const {
    ForkedChild child([&] {
      const bool mounted = unshare(CLONE_NEWNS) == 0 &&
                           mount("", "/", "", MS_REC | MS_PRIVATE, "") == 0 &&
                           mount("tmpfs", scratch_.path().c_str(), "tmpfs", 0, size) == 0;
      return mounted ? work() : no_device;
    });
    return child.wait();
  }

  void grow() const {
    (void)mount("tmpfs", scratch_.path().c_str(), "tmpfs", MS_REMOUNT, "size=30m");
  }

  // What a child found wrong; 0: nothing.
  int fill_then_recover(const std::function<void()>& make_space) const {
    const auto opened = SqliteStore::open(path_, {.wal_pages = 32});
    if (!opened) return 1;
    SqliteStore& store = **opened;
    std::optional<ErrorCode> code;
    const std::int64_t stored = fill(store, code);
    if (code != ErrorCode::full) return 2;
    if (stored == 0) return 3;
    if (store.list({.limit = 1})->total != stored) return 4;
    if (error_code(store.insert(Event(event_at(at(1), std::string(500'000, 'y'))))) !=
        ErrorCode::full) {
      return 5;
    }
    make_space();
    if (store.insert(event_at(at(2))).value_or(0) != stored + 1) return 6;
    if (store.list({.limit = 1})->total != stored + 1) return 7;
    if (!store.check({})) return 8;
    return store.close() ? 0 : 9;
  }
};

TEST_F(SqliteFullDiskTest, AFileThatMayNotGrowIsFullAndWorksAgainWhenItMay) {
  ForkedChild child([&] {
    (void)std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{.rlim_cur = 2'000'000, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    return fill_then_recover([&] { setrlimit(RLIMIT_FSIZE, &before); });
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_TRUE(open()->check({}));
}

TEST_F(SqliteFullDiskTest, AFullDeviceIsFullAndWorksAgainWhenThereIsSpace) {
  const int code = on_device("size=3m", [&] { return fill_then_recover([&] { grow(); }); });
  if (code == no_device) GTEST_SKIP() << "no right to mount a small file system";
  EXPECT_EQ(code, 0);
}

TEST_F(SqliteFullDiskTest, ATrailThatCannotBeMadeForLackOfSpaceIsMadeLater) {
  const int code = on_device("size=32k", [&] {
    const auto refused = SqliteStore::open(path_);
    if (error_code(refused) != ErrorCode::full) return 1;
    grow();
    const auto store = SqliteStore::open(path_);
    return store && (*store)->insert(event_at(at(1))) && (*store)->check({}) ? 0 : 2;
  });
  if (code == no_device) GTEST_SKIP() << "no right to mount a small file system";
  EXPECT_EQ(code, 0);
}

TEST_F(SqliteFullDiskTest, ATrailThatRecordsSessionsSaysItselfThatTheDiskIsFull) {
  const int code = on_device("size=5m", [&] {
    const auto opened = SqliteStore::open(path_, {.record_sessions = true, .wal_pages = 32});
    if (!opened) return 1;
    SqliteStore& store = **opened;
    const auto reserve = beside(".reserve");
    if (!store.insert(event_at(at(1))) || !std::filesystem::exists(reserve)) return 2;
    std::optional<ErrorCode> refused;
    (void)fill(store, refused);
    if (refused != ErrorCode::full || std::filesystem::exists(reserve)) return 3;
    const ListOpts question{.categories = {"audit"}, .limit = 1};
    if (store.list(question)->events.front().action != "disk_full") return 4;
    if (store.verify({}, {})->completeness.total != 1) return 5;
    grow();
    if (!store.insert(event_at(at(2))) || !std::filesystem::exists(reserve)) return 6;
    return store.close() ? 0 : 7;
  });
  if (code == no_device) GTEST_SKIP() << "no right to mount a small file system";
  EXPECT_EQ(code, 0);
}

TEST(SqliteConnection, AFullDatabaseSaysWhatToDo) {
  SqliteConnection connection = std::move(
      SqliteConnection::open({}, SqliteConnection::Mode::memory, std::chrono::seconds(0)).value());
  ASSERT_TRUE(connection.exec("CREATE TABLE t(x); PRAGMA max_page_count=2"));
  const auto result = connection.exec("CREATE TABLE u(x)");
  ASSERT_EQ(error_code(result), ErrorCode::full);
  EXPECT_NE(result.error().message.find("no space is left"), std::string::npos);
}

}  // namespace
}  // namespace agentaudit
