// Whether a trail in ClickHouse is what was recorded.
#pragma once

#include <stop_token>

#include "agentaudit/core/verification.h"
#include "store/clickhouse_client.h"

namespace agentaudit {

// As ClickhouseStore::verify says; of the trail of the client's address. Errors besides: those of
// ClickhouseClient::query.
[[nodiscard]] Result<Verification> clickhouse_verify(const ClickhouseClient& client,
                                                     const VerifyOpts& opts,
                                                     const std::stop_token& stop);

}  // namespace agentaudit
