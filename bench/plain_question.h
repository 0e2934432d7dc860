// The floors of questions: what a person with a SQL shell would ask of the same file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentaudit/core/query.h"
#include "plain_sqlite.h"

namespace agentaudit::bench {

struct PlainAnswer {
  double milliseconds = 0;
  std::vector<std::int64_t> numbers;  // the first column of all rows
};

// The page that `opts` asks for, newest first, whole rows with their names: its ids.
// `cursor` has no counterpart here.
[[nodiscard]] PlainAnswer plain_page(sqlite3* connection, const ListOpts& opts);
// How many events match.
[[nodiscard]] PlainAnswer plain_count(sqlite3* connection, const ListOpts& opts);
// The total, then the counts by category, status, agent, source and target, each from
// the greatest to the least; then the histogram, if asked for.
[[nodiscard]] PlainAnswer plain_stats(sqlite3* connection, const StatsOpts& opts);

}  // namespace agentaudit::bench
