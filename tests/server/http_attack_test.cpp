// The daemon among clients that mean it no good, over real sockets.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/api.h"
#include "server/test_client.h"
#include "server/test_server.h"
#include "store/forked_child.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;
using test_http::TestClient;

class HttpAttackTest : public SqliteTrail {
 protected:
  void SetUp() override { start(5s); }
  void TearDown() override { api_.stop(); }

  void start(std::chrono::seconds idle_max) {
    server_.emplace([this](const HttpRequest& request) { return api_.handle(request); },
                    HttpServerOptions{.idle_max = idle_max});
    port_ = server_->port();
  }

  int health() const { return TestClient(port_).ask("GET", "/healthz").status; }

  // Opens connections that send half a request each, says so, and keeps them until it is told.
  int besiege(int connections, int ready, int leave) const {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < connections; ++i) {
      const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
      if (socket < 0) return 1;
      if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {  // NOLINT
        return 2;
      }
      constexpr std::string_view half = "GET /healthz HTTP/1.1\r\nHost: localh";
      if (send(socket, half.data(), half.size(), MSG_NOSIGNAL) < 0) return 3;
    }
    char byte = 0;
    if (write(ready, &byte, 1) != 1) return 4;
    return read(leave, &byte, 1) == 1 ? 0 : 5;
  }

  std::shared_ptr<SqliteStore> store_ = open();
  Api api_{store_, {}};
  std::optional<test_http::TestServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpAttackTest, TenThousandConnectionsKeepNobodyWaiting) {
  constexpr int connections = 9'900;  // of 10,000 that may be
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  if (files.rlim_max < connections + 200) {
    GTEST_SKIP() << "a process may open only " << files.rlim_max << " files here";
  }
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  std::array<int, 2> ready{};
  std::array<int, 2> leave{};
  ASSERT_EQ(pipe(ready.data()), 0);
  ASSERT_EQ(pipe(leave.data()), 0);
  ForkedChild attacker([&] {
    // What the daemon has open here is its own affair.
    close_range(STDERR_FILENO + 1, static_cast<unsigned>(ready[0]) - 1, 0);
    return besiege(connections, ready[1], leave[0]);
  });
  close(ready[1]);
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1) << "the attacker gave up";
  EXPECT_EQ(health(), 200);
  EXPECT_EQ(TestClient(port_)
                .ask("POST", "/api/v1/audit", "Content-Type: application/json\r\n",
                     R"({"category":"llm"})")
                .status,
            201);
  // Those that say nothing more are cut off.
  for (int i = 0; i < 300 && server_->requests_in_flight() > 0; ++i) {
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_EQ(health(), 200);
  ASSERT_EQ(write(leave[1], &byte, 1), 1);
  EXPECT_EQ(attacker.wait(), 0);
  EXPECT_EQ(health(), 200);
  for (const int end : {ready[0], leave[0], leave[1]}) close(end);
}

// Cuts, doubles, swaps and flips what would be a request.
std::string spoilt(std::string request, std::mt19937& random) {
  const auto place = [&] { return random() % std::max<std::size_t>(request.size(), 1); };
  for (auto times = 1 + random() % 4; times > 0; --times) {
    switch (random() % 8) {
      case 0: request.resize(place()); break;
      case 1: request.insert(place(), request.substr(place(), random() % 40)); break;
      case 2: request[place()] = static_cast<char>(random()); break;
      case 3: request.insert(place(), "\r\n"); break;
      case 4: request.insert(place(), std::string(random() % 3'000, 'A')); break;
      case 5: request.insert(place(), 1, '\0'); break;
      case 6: request.insert(place(), "99999999999999999999"); break;
      default: request.erase(place(), random() % 30); break;
    }
    if (request.empty()) request = "\r\n";
  }
  return request;
}

TEST_F(HttpAttackTest, NoBrokenRequestHarmsTheNextOneOrIsStoredInPart) {
  const std::vector<std::string> sound = {
      "GET /api/v1/audit?limit=5&status=ok,error&search=%C3%A4 HTTP/1.1\r\nHost: localhost\r\n"
      "Accept-Encoding: gzip\r\n\r\n",
      "POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 40\r\n\r\n[{\"category\":\"llm\"},{\"category\":\"skill\"}]",
      "POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n10\r\n[{\"category\":\"ll\r\n4\r\nm\"}]\r\n0\r\n\r\n",
      "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 20\r\n\r\n{\"resourceSpans\":[]}"};
  // Where a request ends in the middle, the daemon waits for the rest as long as it may.
  start(1s);
  constexpr int together = 500;
  std::mt19937 random(11);
  std::int64_t stored = 0;
  for (int round = 0; round < 6; ++round) {
    std::vector<std::pair<std::string, std::unique_ptr<TestClient>>> clients;
    for (int i = 0; i < together; ++i) {
      clients.emplace_back(spoilt(sound[random() % sound.size()], random),
                           std::make_unique<TestClient>(port_));
      clients.back().second->send(clients.back().first);
      clients.back().second->end_sending();
    }
    ASSERT_EQ(health(), 200);
    for (const auto& [request, client] : clients) {
      const auto answer = client->receive();
      EXPECT_TRUE(answer.status == 0 || (answer.status >= 200 && answer.status < 600)) << request;
      EXPECT_NE(answer.status, 500) << request << answer.body;
      if (answer.status != 201) continue;
      stored += std::count(answer.body.begin(), answer.body.end(), ',') + 1;
    }
  }
  EXPECT_EQ(health(), 200);
  // A second request in the same bytes may have been stored too, with an answer not read here.
  EXPECT_GE(store_->list({})->total, stored);
  EXPECT_TRUE(store_->check({}));
}

TEST_F(HttpAttackTest, WhatIsOversizedIsRefused) {
  std::string parameters = "/api/v1/audit?";
  for (int i = 0; i < 100'000; ++i) parameters += "status=ok&";
  std::string headers;
  for (int i = 0; i < 2'000; ++i) headers += "X-" + std::to_string(i) + ": y\r\n";
  for (const auto& [target, more] :
       {std::pair<std::string, std::string>{parameters, ""},
        std::pair<std::string, std::string>{"/" + std::string(1U << 20U, 'x'), ""},
        std::pair<std::string, std::string>{"/healthz", headers},
        std::pair<std::string, std::string>{"/healthz",
                                            "X: " + std::string(1U << 20U, 'x') + "\r\n"}}) {
    const int status = TestClient(port_).ask("GET", target, more).status;
    EXPECT_TRUE(status == 0 || status == 414 || status == 431 || status == 413) << status;
  }
  EXPECT_EQ(health(), 200);
}

}  // namespace
}  // namespace agentaudit
