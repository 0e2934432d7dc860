// SQLite before 3.51.3 damages a file when one process starts the log anew while another is
// about to write it back (section 11 of sqlite.org/wal.html). Decision 0002 rules it out.

#include "fault/fault_vfs.h"
#include "store/file_lock.h"
#include "store/forked_child.h"
#include "store/pipe.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using std::chrono::milliseconds;

class WalResetTest : public SqliteTrail {
 protected:
  enum class With { no_lock, the_lock };

  // A process writes the log back; in the moment that matters this one offers a batch.
  // Whether it was stored.
  bool write_within_a_checkpoint(With with) {
    ForkedChild checkpointer([&] { return checkpoint(with); });
    // Each commit writes the whole log back, so that the next one may start it anew.
    store_ = open({.busy_timeout = milliseconds(200), .wal_pages = 1});
    EXPECT_TRUE(insert());
    is_written_.send();
    has_read_.receive();
    EXPECT_TRUE(insert(200'000));  // a longer log than that of the next
    is_written_.send();
    in_window_.receive();
    const bool stored = insert();
    is_written_.send();
    is_done_.receive();
    EXPECT_EQ(checkpointer.wait(), 0);
    for (int i = 0; i < 100; ++i) (void)insert();
    return stored;
  }

  bool insert(std::size_t detail_bytes = 3'000) {
    Event event = event_at(at(1), std::to_string(acknowledged_ + 1));
    event.detail = std::string(detail_bytes, 'x');
    const auto id = store_->insert(event);
    acknowledged_ += id ? 1 : 0;
    return id.has_value();
  }

  // What is wrong with the trail; empty: nothing.
  std::string complaint() {
    store_.reset();
    auto opened = SqliteStore::open(path_);
    if (!opened) return opened.error().message;
    const auto page = (*opened)->list({.limit = 1});
    if (!page) return page.error().message;
    if (page->total != acknowledged_) return std::to_string(page->total) + " events are there";
    const auto verification = (*opened)->verify(VerifyOpts{}, {});
    if (!verification) return verification.error().message;
    return verification->verdict == Verdict::intact ? "" : "verify does not call it intact";
  }

  std::int64_t acknowledged_ = 0;

 private:
  // Of the other process.
  int checkpoint(With with) {
    FaultVfs vfs(1);
    is_written_.receive();
    SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
    if (!connection.integer("SELECT count(*) FROM events")) return 1;
    has_read_.send();
    is_written_.receive();
    auto lock = FileLock::open(path_);
    if (!lock) return 2;
    FileLock::Hold hold;
    if (with == With::the_lock) {
      auto held = lock->hold(std::chrono::seconds(10));
      if (!held) return 2;
      hold = std::move(*held);
    }
    bool reached = false;
    vfs.in_next_checkpoint([&] {
      reached = true;
      in_window_.send();
      is_written_.receive();
    });
    if (!connection.exec("PRAGMA wal_checkpoint(PASSIVE)")) return 3;
    if (!reached) in_window_.send();
    hold = {};
    is_done_.send();
    return reached ? 0 : 4;
  }

  std::shared_ptr<SqliteStore> store_;
  Pipe is_written_;
  Pipe has_read_;
  Pipe in_window_;
  Pipe is_done_;
};

TEST_F(WalResetTest, TheLockKeepsAWriterOutOfACheckpointAndTheTrailWhole) {
  EXPECT_FALSE(write_within_a_checkpoint(With::the_lock));
  EXPECT_EQ(complaint(), "");
}

// Or the test above would show nothing.
TEST_F(WalResetTest, WithoutTheLockTheTrailIsDamaged) {
  if (sqlite3_libversion_number() >= 3'051'003) GTEST_SKIP() << "this SQLite has no such race";
  EXPECT_TRUE(write_within_a_checkpoint(With::no_lock));
  EXPECT_NE(complaint(), "");
}

}  // namespace
}  // namespace agentaudit
