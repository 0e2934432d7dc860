// The one line for people that a hook's payload is told in.
#pragma once

#include <string>
#include <string_view>

#include "core/json_value.h"
#include "ingest/hook_events.h"

namespace agentaudit {

struct HookSummaryOptions {
  std::string_view target{};
  std::string_view event_name{};  // as the payload has it
  bool is_call = false;           // or an approval of one: told by its input
  bool failed = false;            // told with its error
};
// `target: what` or, without a target, `event name: what`; white space collapsed.
[[nodiscard]] std::string hook_summary(const JsonValue& payload, const HookSummaryOptions& options);

}  // namespace agentaudit
