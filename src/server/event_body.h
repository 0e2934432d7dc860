// The events of a request's body.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "agentaudit/redact/redactor.h"

namespace agentaudit {

enum class EventBodyFormat : std::uint8_t {
  json,        // one object, or an array of them
  json_lines,  // one object a line
};

struct EventBody {
  std::vector<Event> events{};  // cut to limits::event_bytes_max
  // What is wrong with which, the first 20.
  std::vector<std::string> errors{};
  std::size_t refused = 0;
  RedactionReport redacted{};
};

// `redactor` takes secrets out; nullptr: they stay. Errors: parse (no JSON at all),
// invalid_argument (no event, or more than limits::batch_events_max).
[[nodiscard]] Result<EventBody> read_event_body(std::string_view body, EventBodyFormat format,
                                                const Redactor* redactor);

}  // namespace agentaudit
