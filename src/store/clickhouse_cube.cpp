#include "store/clickhouse_cube.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace agentaudit {
namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000;
static_assert(ClickhouseSums::columns[ClickhouseCube::status_column] == "status");
static_assert(ClickhouseSums::columns[ClickhouseCube::source_column] == "source");

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

bool ClickhouseCube::Filter::takes(const Names& names) const {
  for (std::size_t i = 0; i < width; ++i) {
    if (!wanted[i].empty() && !has(wanted[i], names[i])) return false;
  }
  return !has(unwanted_sources, names[source_column]);
}

ClickhouseCube::Window ClickhouseCube::hour_of(std::int64_t time_ns) noexcept {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
  const std::int64_t rest = time_ns % hour_ns;
  const std::int64_t into = rest < 0 ? rest + hour_ns : rest;
  const std::int64_t left = hour_ns - 1 - into;
  return {.first_ns = time_ns < least + into ? least : time_ns - into,
          .last_ns = time_ns > greatest - left ? greatest : time_ns + left};
}

void ClickhouseCube::add(const Names& names, const Cell& cell) {
  cells_.push_back({.cell = cell, .series = place_of(names)});
}

void ClickhouseCube::add(const std::vector<const ClickhouseCube*>& cubes) {
  for (const ClickhouseCube* const cube : cubes) {
    std::vector<std::uint32_t> places(cube->series_.size());
    for (std::uint32_t i = 0; i < places.size(); ++i) places[i] = place_of(cube->names_of(i));
    for (const Placed& at : cube->cells_) {
      cells_.push_back({.cell = at.cell, .series = places[at.series]});
    }
  }
  combine();
}

void ClickhouseCube::combine() {
  const auto key = [](const Placed& at) {
    return std::tuple(hour_of(at.cell.first_ns).first_ns, at.series);
  };
  std::ranges::sort(cells_, {}, key);
  std::vector<Placed> combined;
  for (const Placed& at : cells_) {
    if (combined.empty() || key(combined.back()) != key(at)) {
      combined.push_back(at);
      continue;
    }
    Cell& cell = combined.back().cell;
    cell.events += at.cell.events;
    cell.first_ns = std::min(cell.first_ns, at.cell.first_ns);
    cell.last_ns = std::max(cell.last_ns, at.cell.last_ns);
  }
  cells_ = std::move(combined);
  cells_.shrink_to_fit();
}

void ClickhouseCube::add_to(ClickhouseSums& sums, const Filter& filter,
                            const Window& window) const {
  // Names are looked up once a series, not once a cell.
  std::vector<std::int64_t> events(series_.size());
  ClickhouseSums all;
  all.first = Timestamp::from_ns(std::numeric_limits<std::int64_t>::max());
  all.last = Timestamp::from_ns(std::numeric_limits<std::int64_t>::min());
  visit(filter, window, [&](std::uint32_t series, const Cell& cell) {
    events[series] += cell.events;
    all.events += cell.events;
    all.first = std::min(all.first, Timestamp::from_ns(cell.first_ns));
    all.last = std::max(all.last, Timestamp::from_ns(cell.last_ns));
  });
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    if (events[i] == 0) continue;
    const Names names = names_of(i);
    for (std::size_t column = 0; column < width; ++column) {
      all.names[column][std::string(names[column])] += events[i];
    }
  }
  sums.add(all);
}

bool ClickhouseCube::is_cut(const Filter& filter, std::int64_t time_ns) const {
  const std::vector<bool> counts = counted(filter);
  return std::ranges::any_of(cells_, [&](const Placed& at) {
    return at.cell.first_ns < time_ns && at.cell.last_ns >= time_ns && counts[at.series];
  });
}

std::uint32_t ClickhouseCube::place_of(const Names& names) {
  Series series{};
  for (std::size_t i = 0; i < width; ++i) {
    Column& column = names_[i];
    auto found = column.places.find(names[i]);
    if (found == column.places.end()) {
      const auto next = static_cast<std::uint32_t>(column.names.size());
      found = column.places.emplace(names[i], next).first;
      column.names.push_back(&found->first);
    }
    series[i] = found->second;
  }
  const auto [found, is_new] =
      places_.try_emplace(series, static_cast<std::uint32_t>(series_.size()));
  if (is_new) series_.push_back(series);
  return found->second;
}

ClickhouseCube::Names ClickhouseCube::names_of(std::uint32_t series) const {
  Names names;
  for (std::size_t i = 0; i < width; ++i) names[i] = *names_[i].names[series_[series][i]];
  return names;
}

std::vector<bool> ClickhouseCube::counted(const Filter& filter) const {
  std::vector<bool> counts(series_.size());
  for (std::uint32_t i = 0; i < counts.size(); ++i) counts[i] = filter.takes(names_of(i));
  return counts;
}

ClickhousePartCubes make_clickhouse_part_cubes() {
  using Cube = std::shared_ptr<const ClickhouseCube>;
  return ClickhousePartCubes([](const std::vector<const Cube*>& parts) -> std::optional<Cube> {
    std::vector<const ClickhouseCube*> cubes;
    cubes.reserve(parts.size());
    for (const Cube* part : parts) cubes.push_back(part->get());
    auto whole = std::make_shared<ClickhouseCube>();
    whole->add(cubes);
    return whole;
  });
}

}  // namespace agentaudit
