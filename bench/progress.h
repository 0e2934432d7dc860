// How far a long run is: a line on stderr that rewrites itself, where that is a
// terminal, and nothing elsewhere.
#pragma once

#include <cstddef>
#include <string_view>

namespace agentaudit::bench {

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

}  // namespace agentaudit::bench
