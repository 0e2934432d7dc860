// HostGuard: whether a request came to the daemon by one of its own names, and from a page
// of its own. Keeps out DNS rebinding and requests from other sites.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/http_message.h"

namespace agentaudit {

struct HostGuardOptions {
  // Names besides the loopback ones, without a port.
  std::vector<std::string> hosts{};
  // Whole origins besides those of the names: `https://dashboard.example`.
  std::vector<std::string> origins{};
};

class HostGuard {
 public:
  explicit HostGuard(HostGuardOptions options) : options_(std::move(options)) {}

  // What the request is refused with; nullopt: it may go on.
  [[nodiscard]] std::optional<HttpResponse> refusal(const HttpRequest& request) const;

 private:
  [[nodiscard]] bool is_own(std::string_view host) const;

  HostGuardOptions options_;
};

// The name of a `Host` header, without the port and the brackets of an IPv6 address. Empty:
// it is malformed.
[[nodiscard]] std::string_view host_name(std::string_view host) noexcept;

}  // namespace agentaudit
