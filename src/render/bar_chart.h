// Counts as bars of block characters, for a terminal.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/query.h"
#include "render/colour.h"

namespace agentaudit {

struct BarChartOptions {
  std::string_view title;
  TerminalStyle style;          // columns 0: counts without bars, no histogram
  std::size_t rows_max = 6;     // the counts beyond them become one row "… N more"
  bool status_colours = false;  // the names are statuses
};

// A title and one row for each name: the name, its count, its bar. The empty name is
// left out. Empty: no counts.
[[nodiscard]] std::string bar_chart(std::span<const NameCount> counts,
                                    const BarChartOptions& options);

// The columns of a chart that shares the terminal with another one.
[[nodiscard]] std::size_t half_columns(TerminalStyle style);

// Two charts, each made for half_columns, next to each other.
[[nodiscard]] std::string side_by_side(std::string_view left, std::string_view right,
                                       TerminalStyle style);

// A title, one column of up to three rows for each bucket, and the times of the first
// and the last beneath. Empty: no buckets.
[[nodiscard]] std::string histogram_chart(std::span<const HistogramBucket> buckets,
                                          const BarChartOptions& options);

}  // namespace agentaudit
