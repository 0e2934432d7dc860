// The address of a daemon, as people paste it into settings.
#pragma once

#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Whether it is `http://HOST[:PORT]` or `https://HOST[:PORT]` and nothing more. Errors:
// invalid_argument.
[[nodiscard]] Result<void> check_daemon_url(std::string_view url);

}  // namespace agentaudit
