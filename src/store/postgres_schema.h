// The tables of a trail in PostgreSQL. docs/postgres.md is the format.
#pragma once

#include <string>
#include <vector>

#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"
#include "store/postgres_connection.h"

namespace agentaudit::postgres_schema {

// Of the tables; one that is greater is of a newer agentaudit.
inline constexpr int format = 3;

// Makes sure that the tables are there and of this format. Where `create` is not set, missing
// ones and those of an older format are an error. Errors: not_found, newer_version, read_only
// (older), and those of the connection.
[[nodiscard]] Result<void> ensure(PostgresConnection& connection, bool create);

// Statements that make them in a schema (empty: where the connection makes tables), with roles
// of least privilege: agentaudit_reader, agentaudit_writer, agentaudit_pruner. Errors:
// invalid_argument (no name).
[[nodiscard]] Result<std::string> ddl(const std::string& schema);

// A month of UTC, which a partition holds: [first, end) in nanoseconds.
struct Month {
  std::int64_t first = 0;
  std::int64_t end = 0;
  std::string name;  // agentaudit_events_YYYY_MM
};
// Errors: not_found (a time that no month is kept for, which the partition of all the rest
// holds: one before 2000, or after the month that comes next).
[[nodiscard]] Result<Month> month_of(Timestamp timestamp, Timestamp now);
// Makes the partition of a month, and moves there what the partition of all the rest holds of
// it. Inside of a transaction that has the trail's lock. Errors besides: busy, at once (a reader
// holds that partition).
[[nodiscard]] Result<void> add_month(PostgresConnection& connection, const Month& month);
// The partitions of months that end at the cutoff or before it.
[[nodiscard]] Result<void> find_months_before(PostgresConnection& connection, Timestamp cutoff,
                                              std::vector<std::string>& names);

}  // namespace agentaudit::postgres_schema
