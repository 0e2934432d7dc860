#include "progress.h"

#include <iostream>

#include <unistd.h>

namespace agentaudit::bench {

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

}  // namespace agentaudit::bench
