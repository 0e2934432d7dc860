#include <algorithm>
#include <atomic>
#include <filesystem>
#include <latch>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "agentaudit/emit/buffered_emitter.h"
#include "agentaudit/store/sqlite_store.h"
#include "cli/event_generator.h"
#include "fresh_batches.h"
#include "groups.h"
#include "plain_sqlite.h"

namespace agentaudit::bench {
namespace {

constexpr std::size_t batch_events = 4'096;

// A new path for each run, so that none starts with another's file.
class Files {
 public:
  explicit Files(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Removes the file given last, then names another.
  std::filesystem::path next() {
    if (!last_.empty()) {
      for (const char* const suffix : {"", "-wal", "-shm", ".lock"}) {
        std::filesystem::remove(last_.native() + suffix);
      }
    }
    last_ = directory_ / ("append-" + std::to_string(++number_) + ".db");
    return last_;
  }

 private:
  std::filesystem::path directory_;
  std::filesystem::path last_;
  int number_ = 0;
};

double store_seconds(const std::filesystem::path& path, std::span<const Event> events,
                     bool ledger) {
  const auto store = must(SqliteStore::open(path, {.ledger = ledger}));
  return seconds_of_fresh_batches(events, batch_events, [&](std::span<const Event> batch) {
    const std::vector<EventView> views(batch.begin(), batch.end());
    return seconds_of([&] { must(store->insert_batch(views)); });
  });
}

// The same without the copies: the floor of what follows, whose producers go through all
// the events too.
double walking_store_seconds(const std::filesystem::path& path, std::span<const EventView> events) {
  const auto store = must(SqliteStore::open(path));
  return seconds_of([&] {
    while (!events.empty()) {
      const auto batch = events.first(std::min(batch_events, events.size()));
      must(store->insert_batch(batch));
      events = events.subspan(batch.size());
    }
  });
}

// Two producers share the events; the clock stops when all of them are durable.
double emitted_seconds(const std::filesystem::path& path, std::span<const EventView> events) {
  const auto store = must(SqliteStore::open(path));
  BufferedEmitterOptions options;
  options.capacity_events = 65'536;
  options.capacity_bytes = BufferedEmitter::buffer_bytes_max;
  options.batch_events = batch_events;
  options.full_policy = FullPolicy::block;
  options.block_deadline = std::chrono::seconds(60);
  BufferedEmitter emitter(store, options);
  must(emitter.start());
  const double seconds = seconds_of([&] {
    const std::size_t half = events.size() / 2;
    std::jthread first([&] {
      for (const EventView& event : events.first(half)) emitter.emit(event);
    });
    std::jthread second([&] {
      for (const EventView& event : events.subspan(half)) emitter.emit(event);
    });
    first.join();
    second.join();
    must(emitter.flush(std::chrono::seconds(60)));
  });
  if (emitter.counters().durable != static_cast<std::int64_t>(events.size())) {
    give_up("the emitter dropped events");
  }
  return seconds;
}

}  // namespace

std::vector<Row> measure_append(const Settings& settings) {
  const std::vector<Event> events = EventGenerator(1).take(settings.scaled(200'000));
  const std::vector<EventView> views = views_of(events);
  const auto count = static_cast<double>(views.size());
  Files files(settings.directory);
  // The goals of the write path are about the rows; what the ledger costs has its own.
  const Run store = [&] { return count / store_seconds(files.next(), events, false); };

  std::vector<Row> rows;
  rows.push_back(compared(
      "append, batches of 4096 (floor: bare insert of the rows)", "events/s", settings.runs, store,
      [&] { return count / bare_insert_seconds(files.next(), events, batch_events); },
      ratio_at_least(0.80)));
  rows.push_back(compared(
      "append with the ledger, batches of 4096 (floor: without)", "events/s", settings.runs,
      [&] { return count / store_seconds(files.next(), events, true); }, store,
      ratio_at_least(0.75)));
  const auto few = std::span(views).first(settings.scaled(20'000));
  rows.push_back(compared(
      "append (floor: original's schema, batches of 20)", "events/s", settings.runs, store,
      [&] {
        constexpr std::size_t original_batch_events = 20;
        return static_cast<double>(few.size()) /
               original_insert_seconds(files.next(), few, original_batch_events);
      },
      ratio_at_least(15)));
  rows.push_back(compared(
      "2 producers, emitter, store (floor: store alone)", "events/s", settings.runs,
      [&] { return count / emitted_seconds(files.next(), views); },
      [&] { return count / walking_store_seconds(files.next(), views); }, ratio_at_least(0.85)));

  std::filesystem::path path = files.next();
  store_seconds(path, events, false);
  const double without = static_cast<double>(std::filesystem::file_size(path)) / count;
  rows.push_back({.name = "bytes of the file an event, about 445 of them text",
                  .value = without,
                  .unit = "bytes",
                  .goal = value_at_most(450)});
  path = files.next();
  store_seconds(path, events, true);
  rows.push_back({.name = "bytes an event that the ledger adds to its row and nonce",
                  .value = static_cast<double>(std::filesystem::file_size(path)) / count - without,
                  .unit = "bytes",
                  .goal = value_at_most(64)});
  files.next();
  return rows;
}

}  // namespace agentaudit::bench
