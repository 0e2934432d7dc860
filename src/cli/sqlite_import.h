// Reads events out of a SQLite database that is no trail: one with a table or a view
// `audit_events` of these columns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

// Hears of each row: its id, and the event or why there is none. An error ends it.
using OnImportedRow = std::function<Result<void>(std::int64_t id, Result<Event> event)>;

// Opens the file read-only and reads id, timestamp (RFC 3339), category, action, agent,
// summary, detail, status, duration_ms, source and conversation_id in the order of the ids.
// Errors: not_a_trail (no such table, or another set of columns), those of on_row, and
// what SQLite says.
[[nodiscard]] Result<void> read_audit_events(const std::filesystem::path& path,
                                             const OnImportedRow& on_row, std::stop_token stop);

}  // namespace agentaudit
