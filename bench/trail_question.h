// The questions that are asked of a large trail: each single filter, and each three.
#pragma once

#include <string>
#include <vector>

#include "agentaudit/core/query.h"

namespace agentaudit::bench {

struct TrailQuestion {
  std::string name;  // the filters with their values
  ListOpts opts;
};

// Filters by frequent values and by rare ones, and by the conversation, trace and time
// of `event`, which should stand in the middle of the trail.
[[nodiscard]] std::vector<TrailQuestion> questions_of_one_filter(const Event& event);
// All combinations of three of them, each on a field of its own.
[[nodiscard]] std::vector<TrailQuestion> questions_of_three_filters(const Event& event);

}  // namespace agentaudit::bench
