// Events to a daemon, in one request.
#pragma once

#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "cli/http_client.h"

namespace agentaudit {

// `events` is a JSON array of at most limits::batch_events_max and limits::body_bytes_max; `key`
// is the header that tells whether they came before (docs/http.md, "Storing"). Of each the id that
// it has there. Errors: invalid_argument (it refuses them, and always will), permission (the token,
// or the certificate), unsupported (it is no place for them), and busy, io.
[[nodiscard]] Result<std::vector<EventId>> post_events(HttpClient& daemon, std::string_view events,
                                                       const HttpHeader& key);

}  // namespace agentaudit
