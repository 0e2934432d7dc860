// Whose an event of ListResult is.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace agentaudit {

// Of the event at that place of the page; empty: the store has one trail.
[[nodiscard]] inline std::string_view trail_of(std::span<const std::string> trails,
                                               std::size_t place) {
  return place < trails.size() ? std::string_view(trails[place]) : std::string_view();
}

}  // namespace agentaudit
