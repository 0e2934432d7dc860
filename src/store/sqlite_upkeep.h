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

// Gives leaves to some of the events that have none yet; returns how many are left. Ends
// like a step.
using HashStep = std::function<Result<std::int64_t>()>;

// Hashes until every event has a leaf, resting after each step as long as it took where
// `keep_pace` says so. `progress`: events done and in all; may be empty.
[[nodiscard]] Result<void> hash_all(const HashStep& hash, bool keep_pace,
                                    const std::function<void(std::int64_t, std::int64_t)>& progress,
                                    const std::stop_token& stop);

// See SqliteStore::seal and SqliteStore::repair. Both rest as long as each step took.
[[nodiscard]] Result<std::int64_t> sqlite_seal(const ExclusiveStep& exclusive, const HashStep& hash,
                                               const UpkeepOpts& opts, const std::stop_token& stop);
[[nodiscard]] Result<std::int64_t> sqlite_repair(const ExclusiveStep& exclusive,
                                                 const UpkeepOpts& opts,
                                                 const std::stop_token& stop);

}  // namespace agentaudit
