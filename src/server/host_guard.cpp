#include "server/host_guard.h"

#include <algorithm>

#include "core/ascii.h"
#include "server/http_problem.h"

namespace agentaudit {
namespace {

bool is_port(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_loopback(std::string_view name) noexcept {
  return equal_ignoring_case(name, "localhost") || name == "127.0.0.1" || name == "::1";
}

}  // namespace

std::string_view host_name(std::string_view host) noexcept {
  const bool bracketed = host.starts_with('[');
  const std::size_t end = bracketed ? host.find(']') : std::min(host.find(':'), host.size());
  if (end == std::string_view::npos) return {};
  const std::string_view name = bracketed ? host.substr(1, end - 1) : host.substr(0, end);
  const std::string_view rest = host.substr(bracketed ? end + 1 : end);
  return rest.empty() || (rest[0] == ':' && is_port(rest.substr(1))) ? name : std::string_view();
}

bool HostGuard::is_own(std::string_view host) const {
  const std::string_view name = host_name(host);
  if (name.empty()) return false;
  return is_loopback(name) ||
         std::any_of(options_.hosts.begin(), options_.hosts.end(),
                     [&](const std::string& own) { return equal_ignoring_case(own, name); });
}

std::optional<HttpResponse> HostGuard::refusal(const HttpRequest& request) const {
  const auto hosts =
      std::count_if(request.headers.begin(), request.headers.end(),
                    [](const HttpHeader& h) { return equal_ignoring_case(h.name, "Host"); });
  const auto host = request.header("Host");
  if (hosts != 1) return problem(400, "a request has to have one Host header");
  if (!is_own(*host)) {
    return problem(
        421, "\"" + std::string(*host) + "\" is no name of this daemon; --allow-host makes it one");
  }
  const auto origin = request.header("Origin");
  if (origin) {
    const bool allowed = *origin == "http://" + std::string(*host) ||
                         *origin == "https://" + std::string(*host) ||
                         std::find(options_.origins.begin(), options_.origins.end(), *origin) !=
                             options_.origins.end();
    if (!allowed) {
      return problem(403, "the origin \"" + std::string(*origin) +
                              "\" is another site; --allow-origin lets it in");
    }
    return std::nullopt;
  }
  const auto site = request.header("Sec-Fetch-Site");
  const bool navigates =
      request.method == "GET" && request.header("Sec-Fetch-Mode").value_or("") == "navigate";
  if (site && *site == "cross-site" && !navigates) {
    return problem(403, "the request comes from another site");
  }
  return std::nullopt;
}

}  // namespace agentaudit
