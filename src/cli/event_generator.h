// EventGenerator: a stream of events like those of a busy agent host, the same for the
// same seed: about twenty a second, 445 bytes of text each; each name half as
// frequent as the one before it; 64 conversations at a time, one of which makes room
// for a new one every fifty events; one event in a hundred late, by up to an hour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"

namespace agentaudit {

// Not thread-safe.
class EventGenerator {
 public:
  explicit EventGenerator(std::uint64_t seed);

  [[nodiscard]] Event next();
  [[nodiscard]] std::vector<Event> take(std::size_t events);

 private:
  [[nodiscard]] std::uint64_t below(std::uint64_t limit);
  [[nodiscard]] std::string hex(std::size_t digits);
  [[nodiscard]] std::string words(std::size_t bytes);
  // One of `names`, each half as likely as the one before it.
  [[nodiscard]] std::string_view skewed(std::span<const std::string_view> names);

  std::mt19937_64 random_;
  std::int64_t now_ns_;
  std::vector<std::string> conversations_;
};

// Views of all events.
[[nodiscard]] std::vector<EventView> views_of(const std::vector<Event>& events);

}  // namespace agentaudit
