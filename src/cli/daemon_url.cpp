#include "cli/daemon_url.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "core/whole_number.h"

namespace agentaudit {
namespace {

constexpr std::string_view plain_scheme = "http://";
constexpr std::string_view tls_scheme = "https://";

bool is_host_character(char c) {
  constexpr std::string_view marks = "-._:[]";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

}  // namespace

Result<void> check_daemon_url(std::string_view url) {
  const auto refused = [&](std::string_view why) {
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(url) + "\" " + std::string(why) + "; say http://HOST:PORT");
  };
  const bool tls = url.starts_with(tls_scheme);
  if (!tls && !url.starts_with(plain_scheme)) return refused("is no address of a daemon");
  std::string_view rest = url;
  rest.remove_prefix(tls ? tls_scheme.size() : plain_scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || !std::all_of(rest.begin(), rest.end(), is_host_character)) {
    return refused("is more or less than a host and a port");
  }
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const std::string_view host = has_port ? rest.substr(0, colon) : rest;
  if (host.empty() || host == "[]") return refused("has no host");
  if (!has_port) return {};
  const auto port = whole_number(rest.substr(colon + 1));
  const bool is_port = port && *port > 0 && *port <= std::numeric_limits<std::uint16_t>::max();
  if (!is_port) return refused("has no port between 1 and 65535");
  return {};
}

}  // namespace agentaudit
