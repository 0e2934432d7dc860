// Compares the events of a trail in PostgreSQL with the ledger's tree.
#pragma once

#include <stop_token>

#include "agentaudit/core/verification.h"
#include "store/postgres_connection.h"

namespace agentaudit {

// See PostgresStore::verify. Inside of a transaction that keeps its snapshot.
[[nodiscard]] Result<Verification> postgres_verify(PostgresConnection& connection,
                                                   const VerifyOpts& opts,
                                                   const std::stop_token& stop);

}  // namespace agentaudit
