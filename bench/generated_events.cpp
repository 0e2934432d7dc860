#include "generated_events.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include <unistd.h>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "agentaudit/store/sqlite_store.h"
#include "measurement.h"
#include "process.h"

namespace agentaudit::bench {
namespace {

struct Arguments {
  std::size_t events = 0;
  std::uint64_t seed = 1;
  std::string store;
  bool jsonl = false;
};

[[noreturn]] void explain() {
  give_up("usage: agentaudit_bench generate --events N [--seed S] [--store PATH | --jsonl]");
}

Arguments arguments_of(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--jsonl") {
      arguments.jsonl = true;
      continue;
    }
    if (++i == argc) explain();
    if (name == "--events") {
      arguments.events = whole_number(argv[i]);
    } else if (name == "--seed") {
      arguments.seed = whole_number(argv[i]);
    } else if (name == "--store") {
      arguments.store = argv[i];
    } else {
      explain();
    }
  }
  if (arguments.events == 0 || (arguments.jsonl && !arguments.store.empty())) explain();
  return arguments;
}

void write_lines(EventGenerator& generator, std::size_t events, Progress& progress) {
  constexpr std::size_t block_events = 1'000;
  // Lines on a terminal are progress enough.
  const bool seen = isatty(STDOUT_FILENO) == 1;
  std::string lines;
  while (events > 0) {
    const std::size_t block = std::min(block_events, events);
    lines.clear();
    for (std::size_t i = 0; i < block; ++i) {
      append_json(lines, generator.next());
      lines += '\n';
    }
    write_all(STDOUT_FILENO, lines);
    if (!seen) progress.add(block);
    events -= block;
  }
}

}  // namespace

Progress::Progress(std::string_view what, std::size_t events)
    : what_(what), events_(events), shown_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (shown_ && done_ > 0) std::cerr << '\n';
}

void Progress::add(std::size_t events) {
  done_ += events;
  if (!shown_) return;
  std::cerr << '\r' << what_ << ": " << done_ << " of " << events_ << " events" << std::flush;
}

void store_generated(Store& store, EventGenerator& generator, std::size_t events,
                     Progress& progress) {
  while (events > 0) {
    const auto batch = generator.take(std::min(limits::batch_events_max, events));
    must(store.insert_batch(views_of(batch)));
    progress.add(batch.size());
    events -= batch.size();
  }
}

int generate(int argc, char** argv) {
  const Arguments arguments = arguments_of(argc, argv);
  EventGenerator generator(arguments.seed);
  Progress progress("generate", arguments.events);
  if (arguments.store.empty()) {
    write_lines(generator, arguments.events, progress);
    return EXIT_SUCCESS;
  }
  if (std::filesystem::exists(arguments.store)) give_up(arguments.store + " exists already");
  const auto store = must(SqliteStore::open(arguments.store));
  store_generated(*store, generator, arguments.events, progress);
  must(store->close());
  return EXIT_SUCCESS;
}

}  // namespace agentaudit::bench
