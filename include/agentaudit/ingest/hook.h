// Agent hooks: the payload that an agent hands to a hook command, as an Event.
//
//   auto event = agentaudit::decode_hook(stdin_bytes, {.now = agentaudit::Timestamp::now()});
//
// Knows Claude Code, Codex (hooks and notify), Gemini CLI, Cursor, Copilot CLI and
// OpenCode; takes any other JSON object as a `session` event. docs/hooks.md says
// which payload becomes what, and how the ids join intents and effects.
#pragma once

#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// What the payload does not say itself. The views must live until decode_hook returns.
struct HookContext {
  // The hook's name, for clients whose payloads lack it (Copilot). A name in the
  // payload goes before it.
  std::string_view event_name{};
  // Who acts where the payload names no agent. Empty: the client, recognised by the
  // payload's shape ("claude-code", "codex", "gemini-cli", "cursor", "copilot-cli",
  // "opencode"), or "unknown".
  std::string_view agent{};
  // When it happened where the payload has no time.
  Timestamp now{};
};

// Decodes one payload. Pure: the same bytes and context give the same event. The
// payload is kept whole in `detail`, so the event may be over limits::event_bytes_max
// (see cut_to_limit). Bytes that are no JSON object are not lost either: they become
// a `session` event with action `unreadable_payload`, status `error`, and detail
// {"error":…,"payload":…}. Errors: too_large (over limits::line_bytes_max).
[[nodiscard]] Result<Event> decode_hook(std::string_view payload, const HookContext& context);

}  // namespace agentaudit
