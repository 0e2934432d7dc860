// One event in full, for people: every field, the detail as indented JSON.
#pragma once

#include <string>

#include "agentaudit/core/event.h"
#include "render/colour.h"

namespace agentaudit {

[[nodiscard]] std::string event_view(const Event& event, TerminalStyle style);

}  // namespace agentaudit
