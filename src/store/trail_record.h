// The trail's own `audit` events, with what they are about.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "store/sqlite_writer.h"

namespace agentaudit {

// An event of now, without summary and detail. `principal`: who asked for it; empty: nobody.
[[nodiscard]] Event trail_record(std::string_view action, std::string_view principal = {});

// Appends `,"name":"text"`; nothing where the text is empty.
void append_member(std::string& json, std::string_view name, std::string_view text);

// Appends the record in one transaction with what `beside` writes. Errors: too_large, and
// those of a write.
[[nodiscard]] Result<void> append_record(SqliteWriter& writer, const Event& record,
                                         const std::function<Result<void>()>& beside);

}  // namespace agentaudit
