// How what a hook reports went.
#pragma once

#include <string_view>

#include "core/json_value.h"
#include "ingest/hook_events.h"

namespace agentaudit {

// One of status::all. Static storage.
[[nodiscard]] std::string_view hook_status(const JsonValue& payload, HookStatus status);

}  // namespace agentaudit
