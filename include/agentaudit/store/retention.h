// Retention: how long the events of a category are kept.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/timestamp.h"
#include "agentaudit/store/prune.h"

namespace agentaudit {

// The rule for every category without one of its own.
inline constexpr std::string_view any_category = "*";
// Six months, whichever they are: what Art. 19 and 26 of the EU AI Act want of logs.
inline constexpr std::int64_t retention_days_min = 184;
inline constexpr std::int64_t retention_days_max = 36'500;

struct RetentionRule {
  std::string category;
  std::int64_t days = 0;
};

struct RetentionOpts {
  std::string category{};
  std::int64_t days = 0;    // of set_retention alone
  bool force = false;       // approvals and safety may be kept for less than retention_days_min
  std::string principal{};  // who asked; kept in the `retention_changed` event
};

// The prunes that the rules ask for at that time, each with a cutoff and categories.
[[nodiscard]] std::vector<PruneOpts> retention_prunes(std::span<const RetentionRule> rules,
                                                      Timestamp now);

}  // namespace agentaudit
