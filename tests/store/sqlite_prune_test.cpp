// A prune of many rows: writers go on, and the file shrinks.

#include <atomic>
#include <thread>

#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using Clock = std::chrono::steady_clock;

class SqlitePruneTest : public SqliteTrail {};

TEST_F(SqlitePruneTest, AWriterBesideItNeverWaitsLong) {
  constexpr std::int64_t events = 200'000;
  const auto store = open();
  append(*store, events);
  ASSERT_TRUE(store->close());
  const auto size_before = std::filesystem::file_size(path_);

  const auto pruner = open({.busy_timeout = std::chrono::minutes(1)});
  std::atomic<bool> done = false;
  Clock::duration longest_wait{};
  std::int64_t written = 0;
  std::thread writer([&] {
    // As another process would.
    const auto other = open({.busy_timeout = std::chrono::minutes(1)});
    while (!done) {
      const auto started = Clock::now();
      EXPECT_TRUE(other->insert(event_at(at(events))));
      longest_wait = std::max(longest_wait, Clock::now() - started);
      ++written;
    }
  });
  Clock::duration longest_step{};
  Clock::time_point last = Clock::now();
  PruneOpts opts;
  opts.cutoff = at(events / 2 + 1);
  opts.progress = [&](const PruneProgress&) {
    longest_step = std::max(longest_step, Clock::now() - last);  // with the rest after it
    last = Clock::now();
  };
  EXPECT_EQ(pruner->prune_before(opts, {}).value(), events / 2);
  done = true;
  writer.join();
  EXPECT_GT(written, 10);
  // Its own commit and a disk that others use take their time too.
  EXPECT_LE(longest_wait, 2 * longest_step + std::chrono::milliseconds(500));

  EXPECT_EQ(pruner->list({})->total, events / 2 + 1 + written);
  EXPECT_TRUE(pruner->check({}));
  ASSERT_TRUE(pruner->close());
  EXPECT_LE(std::filesystem::file_size(path_), size_before * 6 / 10);
}

TEST_F(SqlitePruneTest, ALongReaderDoesNotHoldUpAPrune) {
  const auto store = open();
  append(*store, 20'000);
  SqliteConnection reader = raw();
  ASSERT_TRUE(reader.exec("BEGIN"));
  ASSERT_EQ(reader.integer("SELECT count(*) FROM events"), 20'000);
  const auto started = Clock::now();
  EXPECT_EQ(store->prune_before(at(10'001)).value(), 10'000);
  EXPECT_LT(Clock::now() - started, std::chrono::seconds(4)) << "the busy timeout is 5 s";
  EXPECT_EQ(reader.integer("SELECT count(*) FROM events"), 20'000);
}

TEST_F(SqlitePruneTest, TheSpaceOfAPruneThatWasStoppedIsGivenBackByTheNext) {
  const auto store = open();
  append(*store, 30'000);
  std::stop_source stop;
  PruneOpts opts;
  opts.cutoff = at(25'001);
  opts.progress = [&](const PruneProgress& progress) {
    if (progress.deleted == 25'000) stop.request_stop();
  };
  EXPECT_EQ(error_code(store->prune_before(opts, stop.get_token())), ErrorCode::cancelled);
  EXPECT_GT(store->info()->free_pages, 100);
  EXPECT_EQ(store->prune_before(at(25'001)).value(), 0);
  EXPECT_EQ(store->info()->free_pages, 0);
  EXPECT_EQ(store->list({})->total, 5'001) << "one record of one prune";
}

TEST_F(SqlitePruneTest, AStopInTheMiddleOfAChunkLeavesTheRestOfItToTheNext) {
  const auto store = open();
  append(*store, 100, 1);          // old
  append(*store, 15'900, 10'000);  // young
  append(*store, 200, 1);          // old again, in the same chunk and the next
  std::stop_source stop;
  PruneOpts opts;
  opts.cutoff = at(1'000);
  opts.progress = [&](const PruneProgress&) { stop.request_stop(); };
  EXPECT_EQ(error_code(store->prune_before(opts, stop.get_token())), ErrorCode::cancelled);
  EXPECT_EQ(store->list({.until = at(999)})->total, 200);
  EXPECT_EQ(store->prune_before(at(1'000)).value(), 200);
  EXPECT_EQ(store->list({.until = at(999)})->total, 0);
  EXPECT_TRUE(store->check({}));
}

TEST_F(SqlitePruneTest, LargeEventsAreDeletedInSmallerSteps) {
  const auto store = open();
  Event event = event_at(at(1));
  event.detail = std::string(500'000, 'x');
  const std::vector<EventView> batch(40, event);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(store->insert_batch(batch));
  append(*store, 6'000);
  int steps = 0;
  PruneOpts opts;
  opts.cutoff = at(10'000);
  opts.progress = [&](const PruneProgress&) { ++steps; };
  EXPECT_EQ(store->prune_before(opts, {}).value(), 6'160);
  EXPECT_GE(steps, 2);
  EXPECT_TRUE(store->check({}));
}

}  // namespace
}  // namespace agentaudit
