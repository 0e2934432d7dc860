// TestServer: an HttpServer of a test's own, on a free port of loopback.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

#include "server/http_server.h"
#include "server/listener.h"

namespace agentaudit::test_http {

// Throws where it cannot be started. What the handler refers to must outlive it.
class TestServer {
 public:
  explicit TestServer(HttpServer::Handler handler, HttpServerOptions options = {}) {
    auto listener = listen_on("127.0.0.1:0", 0);
    if (!listener) throw std::runtime_error(listener.error().message);
    port_ = listener->port;
    auto server =
        HttpServer::start(::dup(listener->socket.get()), std::move(options), std::move(handler));
    if (!server) throw std::runtime_error(server.error().message);
    server_ = std::move(*server);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  // What is asked over an Api has to be told to stop before.
  ~TestServer() { server_->stop(std::chrono::seconds(1)); }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::size_t requests_in_flight() const noexcept {
    return server_->requests_in_flight();
  }

 private:
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

}  // namespace agentaudit::test_http
