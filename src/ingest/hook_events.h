// What each hook's payload becomes: one row a hook. A new hook is a new row in
// hook_events.cpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/hook_fields.h"

namespace agentaudit {

enum class HookStatus : std::uint8_t {
  ok,
  pending,
  error,
  denied,
  of_result,   // error if the tool's result says so
  of_failure,  // error, or denied if it failed for want of a permission
  of_reply,    // ok or denied, as the person answered
  of_stop,     // ok if the turn was completed
};

// How the payload is joined with others (hook_ids.h).
enum class HookJoin : std::uint8_t {
  none,
  call,      // part of a tool call
  request,   // asks whether a tool call may run; the payload does not know its id
  dialogue,  // a question or its answer, which carry an id of their own
};

struct HookEvent {
  std::string_view name;  // lower case
  std::string_view category;
  std::string_view action;  // empty: the hook's name
  HookStatus status = HookStatus::ok;
  HookJoin join = HookJoin::none;
  HookField target = HookField::none;
  std::string_view target_default = {};  // where the payload does not name it
};

// The row of that name, ASCII letters in either case; nullptr: there is none.
[[nodiscard]] const HookEvent* find_hook_event(std::string_view name);

// For every other hook: a `session` event under the hook's own name.
[[nodiscard]] const HookEvent& unknown_hook_event() noexcept;

}  // namespace agentaudit
