// What every store that keeps rules of retention checks, and the `audit` events that say so.
// Pure, but for the clock.
#pragma once

#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "agentaudit/store/retention.h"

namespace agentaudit {

// That a rule is set, where `rules` hold. Errors: those of Store::set_retention.
[[nodiscard]] Result<Event> retention_set_record(const std::vector<RetentionRule>& rules,
                                                 const RetentionOpts& opts,
                                                 std::string_view trail_id);
// That it is taken back. Errors: those of Store::unset_retention.
[[nodiscard]] Result<Event> retention_unset_record(const std::vector<RetentionRule>& rules,
                                                   const RetentionOpts& opts,
                                                   std::string_view trail_id);

}  // namespace agentaudit
