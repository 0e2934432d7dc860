#include "store/clickhouse_slice.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace agentaudit {
namespace {

constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

}  // namespace

ClickhouseSlice::ClickhouseSlice(ClickhouseCubes cubes, ClickhouseCube::Filter filter,
                                 const Window& whole)
    : cubes_(std::move(cubes)), filter_(std::move(filter)), inner_(whole) {
  if (is_cut(whole.first_ns)) {
    const Window hour = ClickhouseCube::hour_of(whole.first_ns);
    edges_.push_back(
        {.first_ns = whole.first_ns, .last_ns = std::min(hour.last_ns, whole.last_ns)});
    if (hour.last_ns >= whole.last_ns) {
      cubes_.clear();
      return;
    }
    inner_.first_ns = hour.last_ns + 1;
  }
  if (whole.last_ns != greatest && is_cut(whole.last_ns + 1)) {
    const Window hour = ClickhouseCube::hour_of(whole.last_ns);
    edges_.push_back(
        {.first_ns = std::max(hour.first_ns, whole.first_ns), .last_ns = whole.last_ns});
    if (hour.first_ns <= inner_.first_ns) {
      cubes_.clear();
      return;
    }
    inner_.last_ns = hour.first_ns - 1;
  }
}

bool ClickhouseSlice::is_cut(std::int64_t time_ns) const {
  return std::ranges::any_of(cubes_,
                             [&](const auto& cube) { return cube->is_cut(filter_, time_ns); });
}

ClickhouseSums ClickhouseSlice::sums() const {
  ClickhouseSums sums;
  for (const auto& cube : cubes_) cube->add_to(sums, filter_, inner_);
  edge_->add_to(sums, filter_, {});
  return sums;
}

}  // namespace agentaudit
