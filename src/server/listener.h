// Sockets that listen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "core/file_descriptor.h"

namespace agentaudit {

struct Listener {
  FileDescriptor socket;
  std::string address;      // where it listens: `127.0.0.1:4319`, `[::1]:4319`, or a path
  std::uint16_t port = 0;   // 0: a unix socket
  bool is_loopback = true;  // nobody outside of this machine reaches it
};

// `address`: `HOST:PORT`, `HOST`, `:PORT` or `PORT`, an IPv6 address in brackets; the host is
// 127.0.0.1 where it is left out, the port `port_default`; port 0: one that is free. Errors:
// invalid_argument (no such address), busy (the port is taken), permission, io.
[[nodiscard]] Result<Listener> listen_on(std::string_view address, std::uint16_t port_default);
// For the own user alone (mode 0600). A socket that nobody listens on any more is replaced.
// Errors: busy (somebody listens there), invalid_argument (the path is too long, or is no
// socket), permission, io.
[[nodiscard]] Result<Listener> listen_on_unix(const std::filesystem::path& path);
// A socket that listens already (systemd's socket activation). Errors: invalid_argument.
[[nodiscard]] Result<Listener> adopt_listener(int descriptor);

// Sends a state to the socket that systemd named (sd_notify(3)); empty: nobody asked.
void notify_service_manager(std::string_view socket_name, std::string_view state) noexcept;

}  // namespace agentaudit
