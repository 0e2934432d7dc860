// Sealing and repairing the chunks of a trail, step by step beside its writers.
#pragma once

#include <functional>
#include <stop_token>

#include "agentaudit/store/sqlite_store.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

// Runs `step` with the writing connection, alone on it and under the trail's lock. Ends
// with `cancelled` when the stop is requested that it was made for; a transaction under
// way is then rolled back.
using ExclusiveStep =
    std::function<Result<void>(const std::function<Result<void>(SqliteConnection&)>& step)>;

// See SqliteStore::seal and SqliteStore::repair. Both rest as long as each step took.
[[nodiscard]] Result<std::int64_t> sqlite_seal(const ExclusiveStep& exclusive,
                                               const UpkeepOpts& opts, const std::stop_token& stop);
[[nodiscard]] Result<std::int64_t> sqlite_repair(const ExclusiveStep& exclusive,
                                                 const UpkeepOpts& opts,
                                                 const std::stop_token& stop);

}  // namespace agentaudit
