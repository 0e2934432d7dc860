// Where each client's payload keeps what an event needs. A new version of a client is
// a new row in hook_fields.cpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/json_value.h"

namespace agentaudit {

enum class HookField : std::uint8_t {
  none,
  conversation,
  agent,
  subagent,
  principal,
  prompt_source,
  tool,
  input,
  call_id,
  request_id,
  server,
  skill,
  model,
  setting,
  result,
  error_text,
  failure_type,
  reply,
  stop_status,
  notification_type,
  time,
  duration_ms,
  words,
};

// The first row's value that the payload has and that is not null; nullptr: none.
[[nodiscard]] const JsonValue* find_field(const JsonValue& payload, HookField field) noexcept;

// The first row's value that is a string with something in it; empty: none.
[[nodiscard]] std::string_view find_text(const JsonValue& payload, HookField field) noexcept;

}  // namespace agentaudit
