// Groups of events as a table, for people.
#pragma once

#include <string>

#include "agentaudit/core/query.h"
#include "render/colour.h"

namespace agentaudit {

// A heading and one line for each group, with its share of all events.
[[nodiscard]] std::string group_table(const GroupsResult& result, GroupBy by, TerminalStyle style);

}  // namespace agentaudit
