// A sort that can be given up: for more elements than may be sorted without a look at the
// time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Sorts as std::sort does and calls `go_on`, which returns Result<void>, each few thousand
// elements; its error ends it and leaves `values` in no order, with some of them moved from.
template <typename T, typename Before, typename GoOn>
Result<void> stepwise_sort(std::vector<T>& values, Before before, GoOn go_on) {
  constexpr std::size_t step = 4'096;
  const auto at = [](std::vector<T>& of, std::size_t place) {
    return of.begin() + static_cast<std::ptrdiff_t>(place);
  };
  const std::size_t size = values.size();
  for (std::size_t first = 0; first < size; first += step) {
    if (Result<void> on = go_on(); !on) return on;
    std::sort(at(values, first), at(values, std::min(first + step, size)), before);
  }
  std::vector<T> merged;
  for (std::size_t run = step; run < size; run *= 2) {
    merged.clear();
    merged.reserve(size);
    for (std::size_t first = 0; first < size; first += 2 * run) {
      std::size_t a = first;
      std::size_t b = std::min(first + run, size);
      const std::size_t a_end = b;
      const std::size_t b_end = std::min(first + 2 * run, size);
      while (a < a_end || b < b_end) {
        if (merged.size() % step == 0) {
          if (Result<void> on = go_on(); !on) return on;
        }
        const bool from_b = a == a_end || (b < b_end && before(values[b], values[a]));
        merged.push_back(std::move(values[from_b ? b++ : a++]));
      }
    }
    values.swap(merged);
  }
  return {};
}

}  // namespace agentaudit
