// Recorded hook payloads, and what the recording says must come of them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agentaudit/core/event.h"

namespace agentaudit {

// One line of tests/golden/hooks/NAME.jsonl.
struct RecordedHook {
  std::string client;
  std::string event_name;
  std::string payload;
  nlohmann::json expect;  // of hand-written ones
  Timestamp time;
};
std::vector<RecordedHook> read_recording(const std::string& name);

// The events that decode_hook makes of a recording, with ids from 1.
std::vector<Event> decode_recording(const std::string& name);

nlohmann::json read_expectations(const std::string& name);

// Whether an event is as `match` says: each member that it has (category, status,
// conversation_id: a value, a list of values or "*"; tool: a name, or several;
// text: what its action, summary and detail contain; duration_ms and timestamp_ms:
// first and last) must hold.
bool matches(const Event& event, const nlohmann::json& match);

}  // namespace agentaudit
