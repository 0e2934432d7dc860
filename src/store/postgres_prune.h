// Deletes old events of a trail in PostgreSQL: whole months by dropping their partition, the
// rest in short steps.
#pragma once

#include <functional>
#include <stop_token>

#include "agentaudit/store/store.h"
#include "store/postgres_writer.h"

namespace agentaudit {

// Runs work that ends with an open transaction, and ends that: commits it, or rolls it back where
// the work failed. Repeats the work where the connection is lost before.
using PostgresStep =
    std::function<Result<void>(const std::function<Result<void>(PostgresWriter&)>&)>;

// See Store::prune_before.
[[nodiscard]] Result<std::int64_t> postgres_prune(const PostgresStep& step, const PruneOpts& opts,
                                                  std::stop_token stop);

// See Store::preview_prune.
[[nodiscard]] Result<PruneCounts> postgres_preview_prune(PostgresConnection& connection,
                                                         const PruneOpts& opts);

}  // namespace agentaudit
