// ClickhouseCube: how many events of a fleet there are by hour and names, so that a question that
// narrows by these reads none. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/clickhouse_part_map.h"
#include "store/clickhouse_sums.h"

namespace agentaudit {

// A cell takes 32 bytes; each name is kept once. Questions may be asked from any thread while
// nothing is added.
class ClickhouseCube {
 public:
  ClickhouseCube() = default;
  ClickhouseCube(const ClickhouseCube&) = delete;
  ClickhouseCube& operator=(const ClickhouseCube&) = delete;
  ~ClickhouseCube() = default;

  static constexpr std::size_t width = ClickhouseSums::columns.size();
  static constexpr std::size_t status_column = 1;
  static constexpr std::size_t source_column = 3;
  // In the order of ClickhouseSums::columns.
  using Names = std::array<std::string_view, width>;

  // Events of one hour of UTC that have the same names; times in ns, least and greatest.
  struct Cell {
    std::int64_t events = 0;
    std::int64_t first_ns = 0;
    std::int64_t last_ns = 0;
  };

  // Which names count: of each column those that are wanted, all where none is. Cubes know no
  // conversation.
  struct Filter {
    std::array<std::vector<std::string>, width> wanted{};
    std::vector<std::string> unwanted_sources{};

    template <typename Opts>
    [[nodiscard]] static Filter of(const Opts& opts) {
      return {.wanted = {opts.categories, opts.statuses, opts.agents, opts.sources, opts.targets},
              .unwanted_sources = opts.exclude_sources};
    }
    [[nodiscard]] bool takes(const Names& names) const;
  };

  // In ns, both inclusive.
  struct Window {
    std::int64_t first_ns = std::numeric_limits<std::int64_t>::min();
    std::int64_t last_ns = std::numeric_limits<std::int64_t>::max();

    template <typename Opts>
    [[nodiscard]] static Window of(const Opts& opts) {
      Window window;
      if (opts.since) window.first_ns = opts.since->ns();
      if (opts.until) window.last_ns = opts.until->ns();
      return window;
    }
  };

  void add(const Names& names, const Cell& cell);
  // Cells of the same hour and names become one.
  void add(const std::vector<const ClickhouseCube*>& cubes);

  [[nodiscard]] std::size_t size() const noexcept { return cells_.size(); }

  // Calls `work` with the status and each cell that counts and lies within the window whole.
  template <typename Work>
  void for_each(const Filter& filter, const Window& window, const Work& work) const {
    visit(filter, window, [&](std::uint32_t series, const Cell& cell) {
      work(names_of(series)[status_column], cell);
    });
  }
  // Adds what these cells come to.
  void add_to(ClickhouseSums& sums, const Filter& filter, const Window& window) const;
  // Whether a cell that counts has events both before the time and from it on.
  [[nodiscard]] bool is_cut(const Filter& filter, std::int64_t time_ns) const;

  // The hour of UTC that a time is in: its first and last nanosecond.
  [[nodiscard]] static Window hour_of(std::int64_t time_ns) noexcept;

 private:
  // Places in names_.
  using Series = std::array<std::uint32_t, width>;
  struct Placed {
    Cell cell;
    std::uint32_t series = 0;
  };
  struct Column {
    std::vector<const std::string*> names;                     // of places
    std::map<std::string, std::uint32_t, std::less<>> places;  // whose keys stay where they are
  };

  template <typename Work>
  void visit(const Filter& filter, const Window& window, const Work& work) const {
    const std::vector<bool> counts = counted(filter);
    for (const Placed& at : cells_) {
      if (at.cell.first_ns < window.first_ns || at.cell.last_ns > window.last_ns) continue;
      if (counts[at.series]) work(at.series, at.cell);
    }
  }
  [[nodiscard]] std::uint32_t place_of(const Names& names);
  [[nodiscard]] Names names_of(std::uint32_t series) const;
  [[nodiscard]] std::vector<bool> counted(const Filter& filter) const;
  void combine();

  std::array<Column, width> names_;
  std::vector<Series> series_;
  std::map<Series, std::uint32_t> places_;  // in series_
  std::vector<Placed> cells_;
};

// By parts, whose rows are each there once.
using ClickhouseCubes = std::vector<std::shared_ptr<const ClickhouseCube>>;
using ClickhousePartCubes = ClickhousePartMap<std::shared_ptr<const ClickhouseCube>>;
[[nodiscard]] ClickhousePartCubes make_clickhouse_part_cubes();

}  // namespace agentaudit
