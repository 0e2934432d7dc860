// Going through the rows of a statement, and what such scans look for.
#pragma once

#include <cstdint>

#include "store/sqlite_reader.h"

namespace agentaudit {

// Steps through all rows of the statement; `row` returns Result<void>.
template <typename Row>
Result<void> for_each_row(SqliteStatement& statement, Row row) {
  while (true) {
    const auto has_row = statement.step();
    if (!has_row) return fail(has_row.error());
    if (!*has_row) return {};
    if (Result<void> done = row(statement); !done) return done;
  }
}

// The ids of the statuses that questions count apart; -1, which no row carries, for
// one that no event has.
struct StatusIds {
  std::int64_t error = -1;
  std::int64_t denied = -1;
  std::int64_t pending = -1;

  [[nodiscard]] static Result<StatusIds> read(SqliteReader& reader);
};

}  // namespace agentaudit
