// Opens the tables of a fleet.
#pragma once

#include <memory>

#include "agentaudit/core/result.h"
#include "store/clickhouse_client.h"

namespace agentaudit {

// A client for a database whose tables are there and have the columns that they should have.
// Errors: not_found, not_a_trail, and those of ClickhouseClient::make and query.
[[nodiscard]] Result<std::unique_ptr<ClickhouseClient>> open_clickhouse_tables(
    ClickhouseAddress address);

}  // namespace agentaudit
