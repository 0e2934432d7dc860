// Counts over time as a table with bars, for people.
#pragma once

#include <span>
#include <string>

#include "agentaudit/core/query.h"
#include "render/colour.h"

namespace agentaudit {

// A heading and one line for each bucket. On a terminal each has a bar: errors `▓`, then
// denied `▒`, then the rest `█`.
[[nodiscard]] std::string histogram_table(std::span<const HistogramBucket> buckets,
                                          TerminalStyle style);

}  // namespace agentaudit
