// What `agentaudit doctor` shows of a trail in PostgreSQL. See PostgresStore::info.
#pragma once

#include "agentaudit/store/postgres_store.h"
#include "store/postgres_connection.h"

namespace agentaudit {

// Inside of a transaction that keeps its snapshot.
[[nodiscard]] Result<PostgresStoreInfo> postgres_info(PostgresConnection& connection);

}  // namespace agentaudit
