// HttpServer: requests from sockets to a handler, and its answers back.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "agentaudit/core/limits.h"
#include "agentaudit/core/result.h"
#include "server/http_message.h"

namespace agentaudit {

struct HttpServerOptions {
  std::size_t header_bytes_max = 16U << 10U;
  std::size_t body_bytes_max = limits::body_bytes_max;
  std::size_t bodies_bytes_max = 256U << 20U;  // of all requests that are being read
  unsigned connections_max = 10'000;
  std::chrono::seconds idle_max{30};
  unsigned network_threads = 2;
  unsigned worker_threads = 8;
  // PEM, both or none: TLS.
  std::string certificate{};
  std::string private_key{};
  // Over a unix socket: whether only the own user and root may ask.
  bool check_peer = true;
};

// Two threads wait for the network and never for anything else; a handler runs on one of
// `worker_threads`. Thread-safe.
class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Takes the listening socket over. The handler is called on several threads at once and
  // must not throw. Errors: unsupported (libmicrohttpd is missing), invalid_argument (the
  // certificate or the key is none), io.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(int listening_socket,
                                                                 HttpServerOptions options,
                                                                 Handler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();  // as stop, without patience

  // Takes no new connections, finishes what was asked, and ends; bodies that are made as
  // they are sent have to end by themselves by then. Waits at most `patience` for clients
  // that are slow to take their answers. Idempotent.
  void stop(std::chrono::milliseconds patience);

  [[nodiscard]] std::size_t requests_in_flight() const noexcept;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace agentaudit
