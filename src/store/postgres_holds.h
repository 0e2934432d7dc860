// The legal holds of a trail in PostgreSQL. See Store::add_hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentaudit/store/hold.h"
#include "store/hold_record.h"
#include "store/postgres_writer.h"

namespace agentaudit {

// A condition over a row of agentaudit_events: whether it is under one of the holds.
[[nodiscard]] std::string held_by(const std::vector<Hold>& holds);

// Oldest first.
[[nodiscard]] Result<std::vector<Hold>> postgres_holds(PostgresConnection& connection);

// Each leaves its transaction open.
[[nodiscard]] Result<std::int64_t> postgres_add_hold(PostgresWriter& writer, const HoldOpts& opts);
[[nodiscard]] Result<void> postgres_release_hold(PostgresWriter& writer,
                                                 const HoldRelease& release);

}  // namespace agentaudit
