#include "cli/daemon_probe.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "core/file_descriptor.h"

namespace agentaudit {
namespace {

constexpr std::string_view plain_scheme = "http://";
constexpr std::string_view tls_scheme = "https://";

bool is_host_character(char c) {
  constexpr std::string_view marks = "-._:[]";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

bool wait_for(int socket, short event, std::chrono::milliseconds patience) {
  pollfd waiting{.fd = socket, .events = event, .revents = 0};
  return ::poll(&waiting, 1, static_cast<int>(patience.count())) > 0;
}

// Connects without blocking. Not open: it could not.
FileDescriptor connected(const addrinfo& to, std::chrono::milliseconds patience) {
  FileDescriptor socket(
      ::socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol));
  if (!socket.is_open()) return {};
  if (::connect(socket.get(), to.ai_addr, to.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS || !wait_for(socket.get(), POLLOUT, patience)) return {};
  int error = 0;
  socklen_t bytes = sizeof error;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &bytes) != 0 || error != 0) {
    return {};
  }
  return socket;
}

FileDescriptor connect_to(const DaemonAddress& address, std::chrono::milliseconds patience) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), address.port.c_str(), &wanted, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  for (const addrinfo* to = found; to != nullptr; to = to->ai_next) {
    FileDescriptor socket = connected(*to, patience);
    if (socket.is_open()) return socket;
  }
  return {};
}

}  // namespace

Result<DaemonAddress> parse_daemon_url(std::string_view url) {
  const auto refused = [&](std::string_view why) {
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(url) + "\" " + std::string(why) + "; say http://HOST:PORT");
  };
  DaemonAddress address;
  std::string_view rest = url;
  address.tls = rest.starts_with(tls_scheme);
  if (!address.tls && !rest.starts_with(plain_scheme)) return refused("is no address of a daemon");
  rest.remove_prefix(address.tls ? tls_scheme.size() : plain_scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || !std::all_of(rest.begin(), rest.end(), is_host_character)) {
    return refused("is more or less than a host and a port");
  }
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  address.port = has_port ? rest.substr(colon + 1) : (address.tls ? "443" : "80");
  std::string_view host = has_port ? rest.substr(0, colon) : rest;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t number = 0;
  const char* const end = address.port.data() + address.port.size();
  const auto read = std::from_chars(address.port.data(), end, number);
  if (host.empty() || read.ec != std::errc() || read.ptr != end || number == 0) {
    return refused("has no host or no port");
  }
  address.host = host;
  return address;
}

Result<int> http_status(const DaemonAddress& address, std::string_view path, std::string_view token,
                        std::chrono::milliseconds patience) {
  if (address.tls) return fail(ErrorCode::unsupported, "TLS is not spoken here");
  const FileDescriptor socket = connect_to(address, patience);
  if (!socket.is_open()) return fail(ErrorCode::io, "nobody listens there");
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  std::string request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: " +
                        (is_ipv6 ? "[" + address.host + "]" : address.host) + ':' + address.port +
                        "\r\nConnection: close\r\n";
  if (!token.empty()) request += "Authorization: Bearer " + std::string(token) + "\r\n";
  request += "\r\n";
  // It is shorter than what a socket takes at once.
  const ssize_t sent = ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(request.size())) {
    return fail(ErrorCode::io, "the connection ended");
  }
  constexpr std::string_view start = "HTTP/1.1 ";
  constexpr std::size_t status_digits = 3;
  std::string answer;
  std::array<char, 256> piece;
  while (answer.size() < start.size() + status_digits) {
    if (!wait_for(socket.get(), POLLIN, patience)) return fail(ErrorCode::io, "it says nothing");
    const ssize_t bytes = ::recv(socket.get(), piece.data(), piece.size(), 0);
    if (bytes <= 0) return fail(ErrorCode::io, "the connection ended");
    answer.append(piece.data(), static_cast<std::size_t>(bytes));
  }
  int status = 0;
  const char* const digits = answer.data() + start.size();
  if (!answer.starts_with(start) ||
      std::from_chars(digits, digits + status_digits, status).ec != std::errc()) {
    return fail(ErrorCode::io, "what answers there speaks no HTTP");
  }
  return status;
}

}  // namespace agentaudit
