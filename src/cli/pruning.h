// What `prune` and `retention apply` have in common.
#pragma once

#include <stop_token>
#include <string>

#include "agentaudit/store/store.h"
#include "cli/command.h"

namespace agentaudit {

// Prunes under a progress bar. Errors: those of Store::prune_before.
[[nodiscard]] Result<PruneCounts> prune_with_bar(Context& context, Store& store, PruneOpts opts,
                                                 std::stop_token stop);

// Of a prune that failed; says what to do after an interrupt.
[[nodiscard]] ExitStatus report_prune(Context& context, const Error& error);

// `; 2 events are under a hold and stay`; empty where there are none.
[[nodiscard]] std::string held_text(std::int64_t held);

}  // namespace agentaudit
