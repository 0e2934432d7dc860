// Appends a record of the trail's own together with what it is about.
#pragma once

#include <functional>

#include "store/sqlite_writer.h"
#include "store/trail_record.h"

namespace agentaudit {

// In one transaction with what `beside` writes. Errors: too_large, and those of a write.
[[nodiscard]] Result<void> append_record(SqliteWriter& writer, const Event& record,
                                         const std::function<Result<void>()>& beside);

}  // namespace agentaudit
