// Whether a daemon answers at an address. One question over plain HTTP, no more.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

struct DaemonAddress {
  std::string host;
  std::string port;
  bool tls = false;
};

// Of `http://HOST[:PORT]` or https. Errors: invalid_argument.
[[nodiscard]] Result<DaemonAddress> parse_daemon_url(std::string_view url);

// The status of the answer to a GET; the token may be empty. Waits no longer than `patience` for
// the connection and for each piece of the answer. Errors: io (nobody listens, or no HTTP),
// unsupported (TLS).
[[nodiscard]] Result<int> http_status(const DaemonAddress& address, std::string_view path,
                                      std::string_view token, std::chrono::milliseconds patience);

}  // namespace agentaudit
