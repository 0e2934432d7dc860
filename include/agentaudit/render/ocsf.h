// Events as records of the Open Cybersecurity Schema Framework, for a SIEM or a data lake:
// class API Activity (6003), OCSF 1.3.0 (https://schema.ocsf.io/1.3.0). docs/json.md says
// which field becomes which.
#pragma once

#include <string>

#include "agentaudit/core/event.h"

namespace agentaudit {

// Appends the event as one JSON object on one line, without a line end. It is safe for a
// terminal, as what append_json appends; but a byte that is no UTF-8 becomes U+FFFD, since
// others read JSON more strictly than we do.
void append_ocsf(std::string& out, const EventView& event);

}  // namespace agentaudit
