// How long the events of a trail in PostgreSQL are kept. See Store::set_retention.
#pragma once

#include <vector>

#include "agentaudit/store/retention.h"
#include "store/postgres_writer.h"

namespace agentaudit {

// By category.
[[nodiscard]] Result<std::vector<RetentionRule>> postgres_retention(PostgresConnection& connection);

// Each leaves its transaction open.
[[nodiscard]] Result<void> postgres_set_retention(PostgresWriter& writer,
                                                  const RetentionOpts& opts);
[[nodiscard]] Result<void> postgres_unset_retention(PostgresWriter& writer,
                                                    const RetentionOpts& opts);

}  // namespace agentaudit
