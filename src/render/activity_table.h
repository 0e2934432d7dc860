// What agents have been doing just now, for people and as JSON.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "agentaudit/core/timestamp.h"
#include "render/colour.h"

namespace agentaudit {

struct AgentActivity {
  std::string agent{};
  std::int64_t events_1m = 0;  // in the last minute
  std::int64_t events_5m = 0;  // in the last five, as all that follows
  std::int64_t errors = 0;
  std::int64_t denied = 0;
  std::int64_t pending = 0;  // intents that are still open
  Timestamp last{};
  std::string last_action{};  // of the last event
  std::string last_summary{};
};

// A heading and one line for each agent. How long ago the last event was is told from `now`.
[[nodiscard]] std::string activity_table(std::span<const AgentActivity> agents, Timestamp now,
                                         TerminalStyle style);

// {"agent":"…","events_1m":N,"events_5m":N,"errors":N,"denied":N,"pending":N,"last":"…",
//  "last_action":"…","last_summary":"…"}
void append_json(std::string& out, const AgentActivity& activity);

}  // namespace agentaudit
