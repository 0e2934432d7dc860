// Events to JSON and back, byte-exact for any string. docs/json.md is the format.
#pragma once

#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

// Appends the event as one JSON object on one line, without a line end. The text
// is valid UTF-8 and cannot drive a terminal: control characters, U+007F to
// U+009F, bidirectional and other invisible format characters, U+2028 and U+2029
// are written as \u escapes. A byte 0xNN that is not part of valid UTF-8 becomes
// the lone surrogate \udcNN (Python's PEP 383, "surrogateescape"), which
// event_from_json turns back into that byte.
void append_json(std::string& out, const EventView& event);
[[nodiscard]] std::string to_json(const EventView& event);

// Appends one string as a JSON string with its quotes, escaped as above.
void append_json_string(std::string& out, std::string_view text);

// Reads one event from one JSON object. `category` is required. `detail` may be a
// string, or any JSON value, whose text is then kept. `timestamp` is RFC 3339;
// absent, null, empty or Go's zero time (0001-01-01T00:00:00Z) is "not set". Fields
// that Event does not have are kept in detail under "unknown_fields". Raw bytes
// that are not UTF-8 are kept. The size is not checked against
// limits::event_bytes_max (see cut_to_limit), only against limits::line_bytes_max.
// Errors: parse (what is wrong, and where it can be said), too_large.
[[nodiscard]] Result<Event> event_from_json(std::string_view json);

}  // namespace agentaudit
