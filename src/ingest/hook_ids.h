// The ids that join what one process per payload cannot remember: they are derived
// from the payload alone. docs/hooks.md says why each is as it is.
#pragma once

#include <string>
#include <string_view>

#include "core/json_value.h"
#include "ingest/hook_events.h"

namespace agentaudit {

struct HookIds {
  std::string trace_id;
  std::string span_id;
  std::string parent_span_id;
};

// Ids that cannot be derived are empty. `conversation` and `target` are the event's.
struct HookIdOptions {
  HookJoin join = HookJoin::none;
  std::string_view conversation{};
  std::string_view target{};
};
[[nodiscard]] HookIds hook_ids(const JsonValue& payload, const HookIdOptions& options);

// The value as JSON without white space, members sorted by name, strings escaped as
// append_json_string does, so that two clients' ways to write the same input compare
// equal. A string that is itself the text of an object or array stands for that.
[[nodiscard]] std::string canonical_json(const JsonValue& value);

}  // namespace agentaudit
