// Several processes and one trail.

#include <chrono>
#include <cstdio>
#include <thread>

#include "store/file_lock.h"
#include "store/forked_child.h"
#include "store/pipe.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using std::chrono::milliseconds;

class SqliteProcessTest : public SqliteTrail {};

// What a child found, for people; its exit status.
int complain(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return 2;
}

int write_batches(const std::filesystem::path& path, int writer, int batches) {
  // Patient: a disk that others use may take seconds for a sync.
  const auto store =
      SqliteStore::open(path, {.busy_timeout = std::chrono::minutes(1), .wal_pages = 16});
  if (!store) return 1;
  int number = 0;
  for (int batch = 0; batch < batches; ++batch) {
    std::vector<Event> events;
    for (int i = 0; i <= batch % 5; ++i) {
      events.push_back(event_at(at(1), std::to_string(number++)));
      events.back().agent = "writer " + std::to_string(writer);
      events.back().conversation_id = std::to_string(writer) + "-" + std::to_string(batch);
    }
    const std::vector<EventView> views(events.begin(), events.end());
    const auto written = (*store)->insert_batch(views);
    if (!written) return complain(written.error());
  }
  return (*store)->close() ? 0 : 3;
}

int read_until(const std::filesystem::path& path, std::int64_t total) {
  const auto store = SqliteStore::open(path, {.read_only = true});
  if (!store) return 1;
  std::int64_t seen = 0;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(4);
  while (seen < total) {
    if (std::chrono::steady_clock::now() > patience) return 5;
    // The writers need the processor, too.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto page = (*store)->list({.limit = 1'000, .order = Order::commit});
    if (!page) return complain(page.error());
    if (page->total < seen) return 3;
    seen = page->total;
    for (std::size_t i = 0; i < page->events.size(); ++i) {
      if (page->events[i].id != static_cast<EventId>(i) + 1) return 4;
    }
  }
  return 0;
}

TEST_F(SqliteProcessTest, NothingIsLostOrDoubledWhenManyProcessesWriteAndRead) {
  constexpr int writers = 4;
  constexpr int batches = 50;
  constexpr std::int64_t events_per_writer = batches / 5 * (1 + 2 + 3 + 4 + 5);
  open();  // so that the readers find a trail
  std::vector<ForkedChild> children;
  for (int writer = 0; writer < writers; ++writer) {
    children.emplace_back([&, writer] { return write_batches(path_, writer, batches); });
  }
  for (int reader = 0; reader < 2; ++reader) {
    children.emplace_back([&] { return read_until(path_, writers * events_per_writer); });
  }
  for (ForkedChild& child : children) EXPECT_EQ(child.wait(), 0);

  const auto store = open({.read_only = true});
  std::vector<int> next(writers, 0);
  std::string cursor;
  EventId last = 0;
  do {
    const ListResult page =
        store->list({.limit = 1'000, .cursor = cursor, .order = Order::commit}).value();
    for (const Event& event : page.events) {
      EXPECT_EQ(event.id, ++last);
      const int writer = std::stoi(event.agent.substr(7));
      EXPECT_EQ(event.summary, std::to_string(next[static_cast<std::size_t>(writer)]++));
    }
    cursor = page.next_cursor;
  } while (!cursor.empty());
  EXPECT_EQ(next, std::vector<int>(writers, events_per_writer));
  EXPECT_TRUE(store->check({}));
  EXPECT_EQ(raw().text("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteProcessTest, ManyProcessesMakeTheTrailTogether) {
  path_ = scratch_ / "new" / "audit.db";
  std::vector<ForkedChild> children;
  for (int i = 0; i < 6; ++i) {
    children.emplace_back([&, i] { return write_batches(path_, i, 1); });
  }
  for (ForkedChild& child : children) EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(open()->list({})->total, 6);
  EXPECT_EQ(raw().integer("SELECT count(*) FROM trail WHERE key = 'trail_id'"), 1);
}

TEST_F(SqliteProcessTest, AChildOfForkIsToldSoAndLeavesTheParentsStoreAlone) {
  auto store = open();
  append(*store, 10);
  EXPECT_EQ(store->list({})->total, 10);  // so that there is a reader to inherit too
  ForkedChild child([&] {
    const bool told = error_code(store->insert(event_at(at(1)))) == ErrorCode::closed &&
                      error_code(store->list({})) == ErrorCode::closed &&
                      error_code(store->stats({})) == ErrorCode::closed &&
                      error_code(store->get(1)) == ErrorCode::closed &&
                      error_code(store->prune_before(at(9))) == ErrorCode::closed &&
                      error_code(store->info()) == ErrorCode::closed &&
                      error_code(store->close()) == ErrorCode::closed;
    store.reset();
    return told ? 0 : 1;
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_TRUE(std::filesystem::exists(beside("-wal")));
  append(*store, 10);
  EXPECT_EQ(store->list({})->total, 20);
  EXPECT_TRUE(store->check({}));
  // The lock is still the parent's to give: another store can write too.
  append(*open(), 1);
}

TEST_F(SqliteProcessTest, AChildOfForkMayOpenTheTrailAnew) {
  const auto store = open();
  append(*store, 1);
  ForkedChild child([&] {
    const auto own = SqliteStore::open(path_);
    return own && (*own)->insert(event_at(at(2))) && (*own)->close() ? 0 : 1;
  });
  EXPECT_EQ(child.wait(), 0);
  append(*store, 1);
  EXPECT_EQ(store->list({})->total, 3);
}

TEST_F(SqliteProcessTest, AWriterWaitsWhileAnotherProcessHoldsTheLock) {
  const auto store = open();
  const Pipe held;
  const Pipe waiting;
  ForkedChild holder([&] {
    auto lock = FileLock::open(path_);
    const auto hold = lock->hold(milliseconds(0));
    held.send();
    waiting.receive();
    usleep(20'000);
    return hold ? 0 : 1;
  });
  held.receive();
  waiting.send();
  EXPECT_TRUE(store->insert(event_at(at(1))));
  EXPECT_EQ(holder.wait(), 0);
}

TEST_F(SqliteProcessTest, AWriterOrOpenerThatWaitedInVainIsToldBusy) {
  const auto store = open({.busy_timeout = milliseconds(20)});
  append(*store, 1);
  const Pipe held;
  const Pipe done;
  ForkedChild holder([&] {
    auto lock = FileLock::open(path_);
    const auto hold = lock->hold(milliseconds(0));
    held.send();
    done.receive();
    return hold ? 0 : 1;
  });
  held.receive();
  EXPECT_EQ(error_code(store->insert(event_at(at(2)))), ErrorCode::busy);
  EXPECT_EQ(error_code(store->prune_before(at(9))), ErrorCode::busy);
  EXPECT_EQ(error_code(SqliteStore::open(path_, {.busy_timeout = milliseconds(20)})),
            ErrorCode::busy);
  EXPECT_EQ(store->list({})->total, 1) << "readers do not wait";
  EXPECT_TRUE(SqliteStore::open(path_, {.read_only = true}));
  done.send();
  EXPECT_EQ(holder.wait(), 0);
  EXPECT_TRUE(store->insert(event_at(at(2))));
}

TEST_F(SqliteProcessTest, AForeignTransactionMakesWritersBusyAndHarmsNothing) {
  const auto store = open({.busy_timeout = milliseconds(20)});
  append(*store, 1);
  SqliteConnection shell = raw(SqliteConnection::Mode::read_write);
  ASSERT_TRUE(shell.exec("BEGIN IMMEDIATE"));
  EXPECT_EQ(error_code(store->insert(event_at(at(2)))), ErrorCode::busy);
  EXPECT_EQ(store->list({})->total, 1);
  const auto second = SqliteStore::open(path_, {.busy_timeout = milliseconds(20)});
  EXPECT_TRUE(second) << "opening a trail does not write";
  shell.rollback();
  EXPECT_EQ(store->insert(event_at(at(2))), 2);
  EXPECT_TRUE(store->check({}));
}

}  // namespace
}  // namespace agentaudit
