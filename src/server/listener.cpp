#include "server/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>

namespace agentaudit {
namespace {

constexpr int backlog = 1'024;

// The socket API's pointers to addresses of any family.
sockaddr* generic(void* address) noexcept { return static_cast<sockaddr*>(address); }

Error system_trouble(const std::string& what) {
  const int code = errno;
  return {.code = code == EADDRINUSE ? ErrorCode::busy
                  : code == EACCES   ? ErrorCode::permission
                                     : ErrorCode::io,
          .message = what + ": " + std::strerror(code)};
}

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

Result<HostPort> split(std::string_view address, std::uint16_t port_default) {
  HostPort parts{.host = "127.0.0.1", .port = port_default};
  std::string_view port;
  if (address.starts_with('[')) {
    const std::size_t end = address.find(']');
    if (end == std::string_view::npos) {
      return fail(ErrorCode::invalid_argument, "\"" + std::string(address) + "\" lacks a ]");
    }
    parts.host = address.substr(1, end - 1);
    port = address.substr(end + 1);
    if (!port.empty() && port[0] != ':') port = ":?";
    if (!port.empty()) port.remove_prefix(1);
  } else if (const std::size_t colon = address.rfind(':'); colon != std::string_view::npos) {
    if (colon > 0) parts.host = address.substr(0, colon);
    port = address.substr(colon + 1);
  } else if (std::all_of(address.begin(), address.end(),
                         [](char c) { return c >= '0' && c <= '9'; })) {
    port = address;
  } else {
    parts.host = address;
  }
  if (port.empty()) return parts;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), parts.port);
  if (error != std::errc() || end != port.data() + port.size()) {
    return fail(ErrorCode::invalid_argument, "\"" + std::string(address) +
                                                 "\" has no port between 0 and 65535; an address "
                                                 "is HOST:PORT, [IPv6]:PORT or PORT");
  }
  return parts;
}

bool is_loopback(const sockaddr_storage& address) noexcept {
  if (address.ss_family == AF_UNIX) return true;
  if (address.ss_family == AF_INET) {
    sockaddr_in of{};
    std::memcpy(&of, &address, sizeof of);
    return ntohl(of.sin_addr.s_addr) >> 24U == 127;
  }
  sockaddr_in6 of{};
  std::memcpy(&of, &address, sizeof of);
  return IN6_IS_ADDR_LOOPBACK(&of.sin6_addr) != 0;
}

Result<Listener> described(FileDescriptor socket) {
  sockaddr_storage address{};
  socklen_t bytes = sizeof address;
  if (::getsockname(socket.get(), generic(&address), &bytes) != 0) {
    return fail(system_trouble("cannot tell where the socket listens"));
  }
  Listener listener;
  listener.is_loopback = is_loopback(address);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  if (address.ss_family == AF_UNIX) {
    sockaddr_un of{};
    std::memcpy(&of, &address, sizeof of);
    listener.address = of.sun_path;
  } else if (::getnameinfo(generic(&address), bytes, host.data(), host.size(), service.data(),
                           service.size(), NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
    const bool six = address.ss_family == AF_INET6;
    listener.address = (six ? "[" : "") + std::string(host.data()) + (six ? "]:" : ":") +
                       std::string(service.data());
    const std::string_view port(service.data());
    (void)std::from_chars(port.data(), port.data() + port.size(), listener.port);
  }
  listener.socket = std::move(socket);
  return listener;
}

// Whether somebody takes connections at that unix socket.
bool is_served(const sockaddr_un& address) noexcept {
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un copy = address;
  return probe.is_open() && ::connect(probe.get(), generic(&copy), sizeof copy) == 0;
}

}  // namespace

Result<Listener> listen_on(std::string_view address, std::uint16_t port_default) {
  const auto parts = split(address, port_default);
  if (!parts) return fail(parts.error());
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed =
      ::getaddrinfo(parts->host.c_str(), std::to_string(parts->port).c_str(), &hints, &found);
  if (failed != 0) {
    return fail(ErrorCode::invalid_argument,
                "\"" + parts->host + "\" is no address of this machine: " + ::gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  FileDescriptor socket(
      ::socket(addresses->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!socket.is_open() ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), addresses->ai_addr, addresses->ai_addrlen) != 0 ||
      ::listen(socket.get(), backlog) != 0) {
    return fail(
        system_trouble("cannot listen on " + parts->host + ":" + std::to_string(parts->port)));
  }
  return described(std::move(socket));
}

Result<Listener> listen_on_unix(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) {
    return fail(ErrorCode::invalid_argument,
                path.native() + " is too long for a unix socket: at most " +
                    std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  std::copy(path.native().begin(), path.native().end(), std::begin(address.sun_path));
  struct stat there{};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) {
      return fail(ErrorCode::invalid_argument, path.native() + " is there, and is no socket");
    }
    if (is_served(address)) {
      return fail(ErrorCode::busy, "somebody listens on " + path.native() + " already");
    }
    (void)::unlink(path.c_str());
  }
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // Whoever connects before the mode is set is asked for who they are all the same.
  if (!socket.is_open() || ::bind(socket.get(), generic(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket.get(), backlog) != 0) {
    return fail(system_trouble("cannot listen on " + path.native()));
  }
  return described(std::move(socket));
}

Result<Listener> adopt_listener(int descriptor) {
  int listens = 0;
  socklen_t bytes = sizeof listens;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &bytes) != 0 || listens == 0) {
    return fail(ErrorCode::invalid_argument,
                "descriptor " + std::to_string(descriptor) + " is no socket that listens");
  }
  return described(FileDescriptor(descriptor));
}

void notify_service_manager(std::string_view socket_name, std::string_view state) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_name.empty() || socket_name.size() >= sizeof address.sun_path) return;
  std::copy(socket_name.begin(), socket_name.end(), std::begin(address.sun_path));
  // An abstract name, which begins with a zero byte.
  if (socket_name[0] == '@') address.sun_path[0] = '\0';
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_name.size());
  if (!socket.is_open()) return;
  (void)::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL, generic(&address), bytes);
}

}  // namespace agentaudit
