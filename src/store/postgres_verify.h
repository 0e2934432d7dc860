// The events of a trail in PostgreSQL beside the ledger's tree.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "agentaudit/core/verification.h"
#include "agentaudit/store/proof.h"
#include "store/postgres_connection.h"

namespace agentaudit {

// See PostgresStore::verify. Inside of a transaction that keeps its snapshot.
[[nodiscard]] Result<Verification> postgres_verify(PostgresConnection& connection,
                                                   const VerifyOpts& opts,
                                                   const std::stop_token& stop);

// See Store::recorded and Store::root_at. Likewise.
[[nodiscard]] Result<std::vector<RecordedEvent>> postgres_recorded(PostgresConnection& connection,
                                                                   EventId after,
                                                                   std::int64_t limit);
[[nodiscard]] Result<std::string> postgres_root_at(PostgresConnection& connection,
                                                   std::int64_t size);

}  // namespace agentaudit
