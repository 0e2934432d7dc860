#include "server/test_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace agentaudit::test_http {
namespace {

constexpr std::chrono::milliseconds generous{20'000};

}  // namespace

TestClient::TestClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("nobody listens");
  }
}

TestClient::TestClient(const std::filesystem::path& unix_socket)
    : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unix_socket.native().copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("nobody listens");
  }
}

TestClient::~TestClient() { ::close(socket_); }

void TestClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the answer will tell
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void TestClient::end_sending() { ::shutdown(socket_, SHUT_WR); }

bool TestClient::read_more(std::chrono::milliseconds timeout) {
  pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return false;
  std::array<char, 64U << 10U> piece{};
  const ssize_t bytes = ::recv(socket_, piece.data(), piece.size(), 0);
  if (bytes <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(bytes));
  return true;
}

std::string TestClient::receive_until(std::string_view text, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (buffer_.find(text) == std::string::npos) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !read_more(left)) break;
  }
  return buffer_;
}

Answer TestClient::receive() {
  Answer answer;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(generous)) return answer;
  }
  std::string head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  answer.status = std::stoi(head.substr(head.find(' ') + 1, 3));
  head.erase(0, head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::size_t line_end = head.find("\r\n");
    std::string name = head.substr(0, head.find(':'));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::size_t value = head.find_first_not_of(' ', name.size() + 1);
    answer.headers[name] = head.substr(value, line_end - value);
    head.erase(0, line_end + 2);
  }
  if (answer.headers.count("transfer-encoding") != 0) {
    while (true) {
      std::size_t line = 0;
      while ((line = buffer_.find("\r\n")) == std::string::npos) {
        if (!read_more(generous)) return answer;
      }
      const std::size_t bytes = std::stoul(buffer_.substr(0, line), nullptr, 16);
      while (buffer_.size() < line + 2 + bytes + 2) {
        if (!read_more(generous)) return answer;
      }
      answer.body += buffer_.substr(line + 2, bytes);
      buffer_.erase(0, line + 2 + bytes + 2);
      if (bytes == 0) return answer;
    }
  }
  const auto length = answer.headers.find("content-length");
  const std::size_t bytes = length == answer.headers.end() ? 0 : std::stoul(length->second);
  while (buffer_.size() < bytes) {
    if (!read_more(generous)) return answer;
  }
  answer.body = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return answer;
}

Answer TestClient::ask(std::string_view method, std::string_view target, std::string_view headers,
                       std::string_view body) {
  std::string request(method);
  request.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request.append("\r\n").append(body);
  send(request);
  return receive();
}

}  // namespace agentaudit::test_http
