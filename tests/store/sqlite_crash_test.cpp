// kill -9 at any moment: what was acknowledged is there.

#include <array>

#include <fcntl.h>

#include "store/forked_child.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

class SqliteCrashTest : public SqliteTrail {};

// Writes batches without end and tells the last id of each on `acknowledge`.
int write_forever(const std::filesystem::path& path, int acknowledge) {
  // A small log, so that many deaths fall into checkpoints.
  const auto store = SqliteStore::open(path, {.wal_pages = 2});
  if (!store) return 1;
  Event event = event_at(at(1));
  event.detail = std::string(3'000, 'x');
  while (true) {
    const std::vector<EventView> batch(7, event);
    const auto range = (*store)->insert_batch(batch);
    if (!range) return 2;
    if (write(acknowledge, &range->last, sizeof range->last) != sizeof range->last) return 3;
  }
}

TEST_F(SqliteCrashTest, WhatWasAcknowledgedSurvivesAKillAtAnyMoment) {
  EventId acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    ForkedChild writer([&] { return write_forever(path_, ends[1]); });
    close(ends[1]);
    // The first rounds die while the trail is made, the others after some batches.
    usleep(static_cast<useconds_t>(round * 500));
    EventId id = 0;
    for (int batch = 0; batch < round - 5; ++batch) {
      if (read(ends[0], &id, sizeof id) == sizeof id) acknowledged = id;
    }
    writer.kill(SIGKILL);
    EXPECT_EQ(writer.wait(), -SIGKILL);
    while (read(ends[0], &id, sizeof id) == sizeof id) acknowledged = id;
    close(ends[0]);

    const auto store = SqliteStore::open(path_);
    ASSERT_TRUE(store) << "round " << round << ": " << store.error().message;
    const SqliteStoreInfo info = (*store)->info().value();
    EXPECT_GE(info.last_id, acknowledged);
    EXPECT_EQ(info.events, info.last_id) << "ids without holes";
    EXPECT_EQ(info.last_id % 7, 0) << "whole batches";
    EXPECT_TRUE((*store)->check({}));
    // Every other round leaves the log as it is for the next writer.
    if (round % 2 == 0) (void)(*store)->close();
  }
  EXPECT_GT(acknowledged, 0);
  EXPECT_EQ(raw().text("PRAGMA integrity_check"), "ok");
}

// A checkpoint writes the first page, with the new size of the database, before the pages
// that make it true. A death between the two must not be taken for damage.
TEST_F(SqliteCrashTest, AFirstPageAheadOfTheFileIsRecoveredFromTheLog) {
  const auto store = open({.checkpoint_on_close = false});
  append(*store, 3'000);
  ASSERT_TRUE(store->close());
  // The page with the size after those batches, as the log has it, in the old file.
  SqliteConnection connection = raw();
  const std::int64_t pages = connection.integer("PRAGMA page_count").value();
  ASSERT_GT(pages * 16'384, static_cast<std::int64_t>(std::filesystem::file_size(path_)));
  const int file = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  const std::array<unsigned char, 4> size = {0, 0, static_cast<unsigned char>(pages >> 8),
                                             static_cast<unsigned char>(pages)};
  EXPECT_EQ(pwrite(file, size.data(), size.size(), 28), 4);
  close(file);
  (void)connection.close();

  EXPECT_EQ(open({.read_only = true})->list({})->total, 3'000);
  const auto recovered = open();
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->list({})->total, 3'000);
  EXPECT_TRUE(recovered->check({}));
}

}  // namespace
}  // namespace agentaudit
