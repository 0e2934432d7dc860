// Generated events, as many as one likes: stored in a trail or written as JSON Lines.
#pragma once

#include <cstddef>
#include <string_view>

#include "agentaudit/store/store.h"
#include "event_generator.h"

namespace agentaudit::bench {

// How far a long run is: a line on stderr that rewrites itself, where that is a
// terminal, and nothing elsewhere.
class Progress {
 public:
  // `what` has to outlive it.
  Progress(std::string_view what, std::size_t events);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(std::size_t events);

 private:
  const std::string_view what_;
  const std::size_t events_;
  const bool shown_;
  std::size_t done_ = 0;
};

// Stores the generator's next `events` events, in large batches.
void store_generated(Store& store, EventGenerator& generator, std::size_t events,
                     Progress& progress);

// agentaudit_bench generate --events N [--seed S] [--store PATH | --jsonl]
//
// Fills a new trail, or writes JSON Lines to stdout. `argv` from `generate` on.
int generate(int argc, char** argv);

}  // namespace agentaudit::bench
