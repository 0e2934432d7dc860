// Which client wrote a hook's payload.
#pragma once

#include <string_view>

#include "core/json_value.h"

namespace agentaudit {

// The client's name, recognised by the payload's shape: "claude-code", "codex",
// "gemini-cli", "cursor", "copilot-cli", "opencode", or "unknown". Static storage.
[[nodiscard]] std::string_view hook_client(const JsonValue& payload) noexcept;

}  // namespace agentaudit
