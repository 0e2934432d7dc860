// The order of lists of NameCount.
#pragma once

#include "agentaudit/core/query.h"

namespace agentaudit {

// Greatest count first, then by name.
[[nodiscard]] inline bool counts_more(const NameCount& a, const NameCount& b) {
  return a.count != b.count ? a.count > b.count : a.name < b.name;
}

}  // namespace agentaudit
