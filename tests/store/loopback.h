// Sockets of loopback, whose port the system gives.
#pragma once

#include <cstdint>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace agentaudit {

inline sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

struct Listening {
  int descriptor = -1;  // the caller's, to close
  int port = 0;
};

// Throws std::runtime_error where none can be had.
inline Listening listen_on_loopback() {
  Listening listening{.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (listening.descriptor < 0 || bind(listening.descriptor, any, size) != 0 ||
      listen(listening.descriptor, 16) != 0 || getsockname(listening.descriptor, any, &size) != 0) {
    throw std::runtime_error("no port of loopback");
  }
  listening.port = ntohs(address.sin_port);
  return listening;
}

// One that nobody listens on.
inline int free_port() {
  const Listening listening = listen_on_loopback();
  close(listening.descriptor);
  return listening.port;
}

}  // namespace agentaudit
