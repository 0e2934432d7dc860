// A stop request ends whatever a store is doing.

#include <optional>
#include <thread>

#include "store/file_lock.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

class SqliteStopTest : public SqliteTrail {
 protected:
  static std::stop_token stopped() {
    std::stop_source stop;
    stop.request_stop();
    return stop.get_token();
  }

  // Runs `work` beside a stop request.
  template <typename Work>
  static std::optional<ErrorCode> code_when_stopped(Work work) {
    std::stop_source stop;
    std::optional<ErrorCode> code;
    std::jthread working([&] { code = error_code(work(stop.get_token())); });
    stop.request_stop();
    working.join();
    return code;
  }
};

TEST_F(SqliteStopTest, OneThatCameBeforeLetsNothingBegin) {
  const auto store = open();
  append(*store, 10);
  EXPECT_EQ(error_code(store->list({}, stopped())), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store->stats({}, stopped())), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store->groups({}, stopped())), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store->conversations({}, stopped())), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store->open_intents({}, stopped())), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store->check(stopped())), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store->seal({}, stopped())), ErrorCode::cancelled);
  EXPECT_EQ(error_code(store->repair({}, stopped())), ErrorCode::cancelled);
  PruneOpts opts;
  opts.cutoff = at(5);
  EXPECT_EQ(error_code(store->prune_before(opts, stopped())), ErrorCode::cancelled);
  EXPECT_EQ(store->list({})->total, 10);
}

TEST_F(SqliteStopTest, ItEndsTheWaitForAnotherProcess) {
  const auto store = open({.busy_timeout = std::chrono::hours(1)});
  append(*store, 10);
  FileLock lock = std::move(FileLock::open(path_).value());
  const auto held = lock.hold(std::chrono::seconds(5));
  ASSERT_TRUE(held);
  const auto prune = [&](const std::stop_token& stop) {
    PruneOpts opts;
    opts.cutoff = at(5);
    return store->prune_before(opts, stop);
  };
  const auto seal = [&](const std::stop_token& stop) { return store->seal({}, stop); };
  const auto repair = [&](const std::stop_token& stop) { return store->repair({}, stop); };
  EXPECT_EQ(code_when_stopped(prune), ErrorCode::cancelled);
  EXPECT_EQ(code_when_stopped(seal), ErrorCode::cancelled);
  EXPECT_EQ(code_when_stopped(repair), ErrorCode::cancelled);
}

TEST_F(SqliteStopTest, ARepairEndsBeforeItsNextChunkAndTheStoreGoesOn) {
  const auto store = open();
  append(*store, chunk_events * 3 + 10);
  std::stop_source stop;
  std::int64_t chunks = 0;
  UpkeepOpts opts{.progress = {}, .keep_pace = true};
  opts.progress = [&](std::int64_t done, std::int64_t /*total*/) {
    chunks = done;
    stop.request_stop();
  };
  const auto repaired = store->repair(opts, stop.get_token());
  ASSERT_EQ(error_code(repaired), ErrorCode::cancelled);
  EXPECT_NE(repaired.error().message.find("what is done stays done"), std::string::npos)
      << repaired.error().message;
  EXPECT_EQ(chunks, 1);
  append(*store, 1);
  EXPECT_EQ(store->repair({.keep_pace = false}, {}), 0);
}

TEST_F(SqliteStopTest, ItEndsWhatSqliteDoesInOneInstruction) {
  append(*open(), chunk_events);
  SqliteConnection connection = raw();
  std::stop_source stop;
  connection.limit(stop.get_token(), {});
  // As SQLite calls a function of its own in the middle of a statement.
  auto rows = connection.prepare("SELECT id FROM events");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->step(), true);
  stop.request_stop();
  EXPECT_EQ(error_code(connection.text("PRAGMA quick_check(1)")), ErrorCode::cancelled);
  EXPECT_TRUE(connection.stop_requested());
  rows->reset();
  connection.unlimit();
  EXPECT_EQ(connection.text("PRAGMA quick_check(1)"), "ok");
}

}  // namespace
}  // namespace agentaudit
