// A client for the daemon's tests that sends what it is told, byte for byte.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace agentaudit::test_http {

struct Answer {
  int status = 0;                              // 0: the connection ended without an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // chunks joined
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port);
  explicit TestClient(const std::filesystem::path& unix_socket);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  void send(std::string_view bytes);
  void end_sending();
  // The next answer on the connection, whole.
  [[nodiscard]] Answer receive();
  // Whatever comes until `text` is there or the time is up.
  [[nodiscard]] std::string receive_until(std::string_view text, std::chrono::milliseconds timeout);

  [[nodiscard]] Answer ask(std::string_view method, std::string_view target,
                           std::string_view headers = {}, std::string_view body = {});

 private:
  [[nodiscard]] bool read_more(std::chrono::milliseconds timeout);

  int socket_;
  std::string buffer_;
};

}  // namespace agentaudit::test_http
