#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "agentaudit/store/sqlite_store.h"
#include "cli/event_generator.h"
#include "groups.h"
#include "ledger/leaf.h"
#include "plain_sqlite.h"

namespace agentaudit::bench {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Fills the store; returns the timestamp of the event in the middle.
Timestamp fill(Store& store, std::size_t events) {
  constexpr std::size_t batch_events = 4'096;
  EventGenerator generator(4);
  Timestamp middle;
  for (std::size_t done = 0; done < events;) {
    const auto batch = generator.take(std::min(batch_events, events - done));
    must(store.insert_batch(views_of(batch)));
    if (done <= events / 2) middle = batch.back().timestamp;
    done += batch.size();
  }
  return middle;
}

Row measure_newest_page(const Settings& settings, Store& store, const std::filesystem::path& path) {
  const Connection plain = open_plain(path);
  const Statement everything =
      prepare(plain.get(), "SELECT count(*), sum(length(summary) + length(detail)) FROM events");
  return compared(
      "newest page of 50 of a million (floor: read the table)", "ms", settings.runs,
      [&] { return seconds_of([&] { must(store.list(ListOpts{})); }) * 1e3; },
      [&] {
        return seconds_of([&] {
                 if (sqlite3_step(everything.get()) != SQLITE_ROW) give_up("cannot read the table");
                 sqlite3_reset(everything.get());
               }) *
               1e3;
      },
      ratio_at_most(0.02));
}

// A writer with a connection of its own, as another process has, stores small batches
// while the older half is pruned.
std::vector<Row> measure_prune(Store& store, const std::filesystem::path& path, Timestamp cutoff) {
  const auto bytes_before = static_cast<double>(std::filesystem::file_size(path));
  const auto writer_store = must(SqliteStore::open(path));
  const std::vector<Event> events = EventGenerator(5).take(20);
  const std::vector<EventView> views = views_of(events);

  double longest_wait_ms = 0;
  std::int64_t lost_batches = 0;
  std::int64_t batches = 0;
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto start = Clock::now();
      lost_batches += writer_store->insert_batch(views) ? 0 : 1;
      longest_wait_ms = std::max(longest_wait_ms, milliseconds_since(start));
      ++batches;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });

  // After each step prune rests as long as the step took, so half of the time between
  // two reports is the step, waiting for the writer included.
  double longest_step_ms = 0;
  auto last_report = Clock::now();
  PruneOpts opts;
  opts.cutoff = cutoff;
  opts.principal = "bench";
  opts.progress = [&](const PruneProgress&) {
    longest_step_ms = std::max(longest_step_ms, milliseconds_since(last_report) / 2);
    last_report = Clock::now();
  };
  const auto start = Clock::now();
  const std::int64_t deleted = must(store.prune_before(opts, {}));
  const double pruned_ms = milliseconds_since(start);
  writer.request_stop();
  writer.join();

  return {{.name = "prune of half: writer's longest wait (floor: longest step)",
           .value = longest_wait_ms,
           .unit = "ms",
           .floor = longest_step_ms,
           .ratio = longest_wait_ms / longest_step_ms,
           .goal = ratio_at_most(2)},
          {.name = "prune of half: writer's lost batches of " + std::to_string(batches),
           .value = static_cast<double>(lost_batches),
           .unit = "batches",
           .goal = value_at_most(0)},
          {.name = "prune of half: file after it (floor: before)",
           .value = static_cast<double>(std::filesystem::file_size(path)) / (1 << 20),
           .unit = "MiB",
           .floor = bytes_before / (1 << 20),
           .ratio = static_cast<double>(std::filesystem::file_size(path)) / bytes_before,
           .goal = ratio_at_most(0.6)},
          {.name = "prune of half, at a pace that leaves writers room",
           .value = static_cast<double>(deleted) / pruned_ms * 1e3,
           .unit = "events/s"}};
}

// The floor hashes what the leaves of such events are made of, and nothing else: the entry,
// both texts with their salts, and a node for each leaf.
Row measure_verify(const Settings& settings, const std::filesystem::path& path,
                   std::int64_t events) {
  const auto store = must(SqliteStore::open(path, {.read_only = true, .query_threads = 1}));
  const Event sample = EventGenerator(1).next();
  const std::string nonce(nonce_bytes, 'n');
  const double hashed = seconds_of([&] {
    Hash node{};
    std::string entry;
    for (std::int64_t i = 0; i < events; ++i) {
      entry.clear();
      append_entry(entry, sample, sample.timestamp, commitments_of(sample, nonce));
      node = node_hash(leaf_hash(entry), node);
    }
    benchmark::DoNotOptimize(node);
  });
  std::vector<double> times;
  for (int run = 0; run < settings.runs; ++run) {
    times.push_back(seconds_of([&] {
      if (must(store->verify({}, {})).integrity.total > 0) give_up("the trail is not intact");
    }));
  }
  const auto count = static_cast<double>(events);
  const double verified = count / median(std::move(times));
  return {.name = "verify on one core (floor: its SHA-256 alone)",
          .value = verified,
          .unit = "events/s",
          .floor = count / hashed,
          .ratio = verified / (count / hashed),
          .goal = value_at_least(300'000)};
}

}  // namespace

std::vector<Row> measure_million(const Settings& settings) {
  const std::filesystem::path path = settings.directory / "million.db";
  const auto store = must(SqliteStore::open(path, {.query_timeout = std::chrono::minutes(5)}));
  const Timestamp middle = fill(*store, settings.scaled(1'000'000));
  std::vector<Row> rows = {
      measure_newest_page(settings, *store, path),
      measure_verify(settings, path, static_cast<std::int64_t>(settings.scaled(1'000'000)))};
  for (Row& row : measure_prune(*store, path, middle)) rows.push_back(std::move(row));
  return rows;
}

}  // namespace agentaudit::bench
