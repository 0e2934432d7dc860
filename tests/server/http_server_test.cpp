// The API over real sockets.

#include "server/http_server.h"

#include <filesystem>
#include <future>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/gzip.h"
#include "server/api.h"
#include "server/listener.h"
#include "server/test_client.h"
#include "server/test_server.h"
#include "store/forked_child.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;
using test_http::Answer;
using test_http::TestClient;

constexpr std::string_view json_type = "Content-Type: application/json\r\n";

class HttpServerTest : public SqliteTrail {
 protected:
  void SetUp() override { start({}); }
  void TearDown() override { stop(); }

  void start(HttpServerOptions options, ApiOptions api_options = {}) {
    stop();
    api_ = std::make_unique<Api>(store_, api_options);
    start_with([this](const HttpRequest& r) { return api_->handle(r); }, std::move(options));
  }
  void start_with(HttpServer::Handler handler, HttpServerOptions options = {}) {
    server_.emplace(std::move(handler), std::move(options));
    port_ = server_->port();
  }
  void stop() {
    if (api_) api_->stop();
    server_.reset();
    api_.reset();
  }

  Answer ask(std::string_view method, std::string_view target, std::string_view headers = {},
             std::string_view body = {}) const {
    return TestClient(port_).ask(method, target, headers, body);
  }

  std::shared_ptr<SqliteStore> store_ = open();
  std::unique_ptr<Api> api_;
  std::optional<test_http::TestServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, OneConnectionCarriesManyRequests) {
  TestClient client(port_);
  for (int i = 1; i <= 50; ++i) {
    const Answer stored = client.ask("POST", "/api/v1/audit", json_type, R"({"category":"llm"})");
    EXPECT_EQ(stored.body, "{\"ids\":[" + std::to_string(i) + "]}");
    EXPECT_EQ(client.ask("GET", "/api/v1/audit?limit=1").status, 200);
  }
}

TEST_F(HttpServerTest, TakesAChunkedBody) {
  TestClient client(port_);
  client.send(
      "POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\n" + std::string(json_type) +
      "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"cat\r\nd\r\negory\":\"llm\"}\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 201);
}

TEST_F(HttpServerTest, PacksALongAnswerForWhoTakesIt) {
  for (int i = 0; i < 50; ++i) ask("POST", "/api/v1/audit", json_type, R"({"category":"llm"})");
  const Answer packed = ask("GET", "/api/v1/audit", "Accept-Encoding: br, gzip;q=0.5\r\n");
  EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(packed.headers.at("vary"), "Accept-Encoding");
  const Answer plain = ask("GET", "/api/v1/audit");
  EXPECT_EQ(plain.headers.count("content-encoding"), 0U);
  EXPECT_EQ(gunzip(packed.body, 1U << 20U).value(), plain.body);
}

TEST_F(HttpServerTest, ABodyThatIsTooLargeIsRefusedBeforeItIsSent) {
  TestClient client(port_);
  client.send("POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\n" + std::string(json_type) +
              "Content-Length: 99999999999999999999999\r\n\r\n");
  const int status = client.receive().status;
  EXPECT_TRUE(status == 413 || status == 400) << status;
  TestClient other(port_);
  other.send("POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\n" + std::string(json_type) +
             "Content-Length: 99999999\r\n\r\n");
  EXPECT_EQ(other.receive().status, 413);
}

TEST_F(HttpServerTest, AChunkedBodyThatGrowsTooLargeIsRefused) {
  start({.body_bytes_max = 1'000});
  TestClient client(port_);
  client.send("POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\n" + std::string(json_type) +
              "Transfer-Encoding: chunked\r\n\r\n");
  client.send("5dc\r\n" + std::string(1'500, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
}

TEST_F(HttpServerTest, AClientThatGoesOnWithWhatIsTooMuchIsCutOff) {
  start({.body_bytes_max = 1'000});
  TestClient client(port_);
  client.send("POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\n" + std::string(json_type) +
              "Transfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "2710\r\n" + std::string(10'000, 'x') + "\r\n";
  for (int i = 0; i < 100; ++i) client.send(chunk);
  EXPECT_EQ(client.receive().status, 0);
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(HttpServerTest, BodiesTogetherHaveALimit) {
  start({.bodies_bytes_max = 10});
  const Answer busy = ask("POST", "/api/v1/audit", json_type, R"({"category":"llm"})");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.headers.at("retry-after"), "1");
}

TEST_F(HttpServerTest, WhatIsNoHttpHarmsNobody) {
  start({.idle_max = 1s});
  for (const std::string& bytes :
       {std::string("\0\1\2\3", 4), std::string("GET\r\n\r\n"), std::string(100'000, 'A'),
        "GET / HTTP/1.1\r\n" + std::string(40'000, 'x') + ": y\r\n\r\n",
        std::string("POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n"),
        std::string("GET /api/v1/audit HTTP/1.1\r\n\r\n")}) {
    TestClient client(port_);
    client.send(bytes);
    client.end_sending();
    const int status = client.receive().status;
    EXPECT_TRUE(status == 0 || status >= 400) << status;
  }
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(HttpServerTest, AHeaderThatIsTooLongIsRefused) {
  TestClient client(port_);
  client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(30'000, 'x') +
              "\r\n\r\n");
  EXPECT_EQ(client.receive().status, 431);
}

TEST_F(HttpServerTest, OneConnectionTooManyWaitsUntilAnotherEnds) {
  start({.connections_max = 2, .network_threads = 1});
  TestClient first(port_);
  EXPECT_EQ(first.ask("GET", "/healthz").status, 200);
  auto second = std::make_unique<TestClient>(port_);
  EXPECT_EQ(second->ask("GET", "/healthz").status, 200);
  TestClient third(port_);
  third.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(third.receive_until("HTTP", 300ms), "");
  EXPECT_EQ(first.ask("GET", "/healthz").status, 200);
  second.reset();
  EXPECT_EQ(third.receive().status, 200);
}

TEST_F(HttpServerTest, AConnectionThatSaysNothingIsClosed) {
  start({.idle_max = 1s});
  TestClient client(port_);
  client.send("GET /healthz HTTP/1.1\r\n");
  EXPECT_EQ(client.receive().status, 0);
}

TEST_F(HttpServerTest, ManySlowClientsKeepNobodyWaiting) {
  std::vector<std::unique_ptr<TestClient>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<TestClient>(port_));
    slow.back()->send("POST /api/v1/audit HTTP/1.1\r\nHost: localhost\r\nContent-Le");
  }
  EXPECT_EQ(ask("POST", "/api/v1/audit", json_type, R"({"category":"llm"})").status, 201);
}

TEST_F(HttpServerTest, HeadAnswersWithoutABody) {
  TestClient client(port_);
  client.send("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string head = client.receive_until("\r\n\r\n", 5s);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200")) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST_F(HttpServerTest, AFollowerHearsOfWhatIsCommitted) {
  TestClient client(port_);
  client.send("GET /api/v1/audit/stream?category=llm HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(client.receive_until(": following", 5s).find("text/event-stream"), std::string::npos);
  ask("POST", "/api/v1/audit", json_type, R"([{"category":"skill"},{"category":"llm"}])");
  const std::string text = client.receive_until("id: 2\n", 5s);
  EXPECT_NE(text.find("id: 2\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("id: 1\n"), std::string::npos) << text;
}

TEST_F(HttpServerTest, AFollowerHearsOfWhatAnotherProcessCommits) {
  TestClient client(port_);
  client.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  (void)client.receive_until(": following", 5s);
  // A store of its own is to the trail what another process is.
  append(*open(), 1);
  EXPECT_NE(client.receive_until("id: 1\n", 5s).find("id: 1\n"), std::string::npos);
}

TEST_F(HttpServerTest, AFollowerGoesOnWithoutAHole) {
  append(*store_, 3'000);
  TestClient client(port_);
  client.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 10\r\n\r\n");
  (void)client.receive_until("id: 2000\n", 10s);
  append(*store_, 2'000);
  const std::string text = client.receive_until("id: 5000\n", 20s);
  std::size_t at = 0;
  for (int id = 11; id <= 5'000; ++id) {
    const std::size_t found = text.find("id: " + std::to_string(id) + "\n", at);
    ASSERT_NE(found, std::string::npos) << id;
    at = found;
  }
  EXPECT_EQ(text.find("id: 10\n"), std::string::npos);
}

TEST_F(HttpServerTest, FollowersHaveALimitAndGiveTheirPlaceBack) {
  start({}, {.live = {.followers_max = 1, .heartbeat = 50ms}});
  const std::string request = "GET /api/v1/audit/stream HTTP/1.1\r\nHost: localhost\r\n\r\n";
  {
    TestClient first(port_);
    first.send(request);
    EXPECT_NE(first.receive_until(": still here", 5s).find(": still here"), std::string::npos);
    EXPECT_EQ(ask("GET", "/api/v1/audit/stream").status, 503);
  }
  // The heartbeat finds out that the first has gone.
  std::string answer;
  for (int i = 0; i < 100 && answer.find("200 OK") == std::string::npos; ++i) {
    TestClient next(port_);
    next.send(request);
    answer = next.receive_until("\r\n\r\n", 5s);
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_NE(answer.find("200 OK"), std::string::npos);
}

TEST_F(HttpServerTest, AFollowerThatClosesGivesItsPlaceBackBeforeTheHeartbeat) {
  start({}, {.live = {.heartbeat = 1h}});
  {
    TestClient client(port_);
    client.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    (void)client.receive_until(": following", 5s);
    EXPECT_NE(ask("GET", "/metrics").body.find("agentaudit_stream_clients 1\n"), std::string::npos);
  }
  std::string metrics;
  for (int i = 0; i < 500 && metrics.find("agentaudit_stream_clients 0\n") == std::string::npos;
       ++i) {
    metrics = ask("GET", "/metrics").body;
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_NE(metrics.find("agentaudit_stream_clients 0\n"), std::string::npos);
}

TEST_F(HttpServerTest, AQuestionStopsWhenItsClientHasGone) {
  std::promise<bool> asked;
  std::promise<bool> gone;
  start_with([&](const HttpRequest& request) {
    asked.set_value(true);
    for (int i = 0; i < 500 && !request.gone.stop_requested(); ++i) {
      std::this_thread::sleep_for(20ms);
    }
    gone.set_value(request.gone.stop_requested());
    return HttpResponse{};
  });
  {
    TestClient client(port_);
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    asked.get_future().wait();
  }
  EXPECT_TRUE(gone.get_future().get());
}

TEST_F(HttpServerTest, WhoWaitsForAnAnswerIsNotGone) {
  start_with([&](const HttpRequest& request) {
    std::this_thread::sleep_for(500ms);
    return json_response(request.gone.stop_requested() ? 500 : 200, "{}");
  });
  EXPECT_EQ(ask("GET", "/").status, 200);
}

TEST_F(HttpServerTest, StopFinishesWhatWasAskedAndEndsTheStreams) {
  append(*store_, 2'000);
  TestClient stream(port_);
  stream.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  (void)stream.receive_until(": following", 5s);
  TestClient whole(port_);
  whole.send("GET /api/v1/audit/export HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::thread stopping([this] { stop(); });
  const std::string body = whole.receive().body;
  EXPECT_EQ(std::count(body.begin(), body.end(), '\n'), 2'000);
  stopping.join();
  EXPECT_TRUE(stream.receive_until("0\r\n\r\n", 5s).ends_with("0\r\n\r\n"));
}

class EndlessSource final : public BodySource {
 public:
  State produce(std::string& out) override {
    out.append(std::size_t{16} << 10U, 'x');
    return State::more;
  }
};

TEST_F(HttpServerTest, StopBreaksOffABodyThatHasNoEnd) {
  auto listener = listen_on("127.0.0.1:0", 0);
  ASSERT_TRUE(listener);
  auto server = HttpServer::start(::dup(listener->socket.get()), {}, [](const HttpRequest&) {
    HttpResponse response;
    response.source = std::make_unique<EndlessSource>();
    return response;
  });
  ASSERT_TRUE(server);
  TestClient client(listener->port);
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(client.receive_until("xxx", 5s).find("200 OK"), std::string::npos);
  std::thread stopping([&] { (*server)->stop(0ms); });
  // The last chunk, which has no bytes, does not come.
  EXPECT_FALSE(client.receive_until("\r\n0\r\n\r\n", 20s).ends_with("\r\n0\r\n\r\n"));
  stopping.join();
}

TEST_F(HttpServerTest, StopEndsWhatWasAskedOnlyInPart) {
  auto listener = listen_on("127.0.0.1:0", 0);
  ASSERT_TRUE(listener);
  auto server = HttpServer::start(::dup(listener->socket.get()), {},
                                  [](const HttpRequest&) { return HttpResponse{}; });
  ASSERT_TRUE(server);
  TestClient client(listener->port);
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf");
  while ((*server)->requests_in_flight() == 0) std::this_thread::yield();
  (*server)->stop(0ms);
  EXPECT_EQ((*server)->requests_in_flight(), 0U);
  EXPECT_EQ(client.receive().status, 0);
}

TEST_F(HttpServerTest, ACertificateThatIsNoneIsRefused) {
  auto listener = listen_on("127.0.0.1:0", 0);
  ASSERT_TRUE(listener);
  const auto server = HttpServer::start(::dup(listener->socket.get()),
                                        {.certificate = "none", .private_key = "none"},
                                        [](const HttpRequest&) { return HttpResponse{}; });
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(server.error().message,
            "the server cannot start; is the certificate one, and the key its own?");
}

TEST_F(HttpServerTest, AUnixSocketAnswersItsOwnUser) {
  const std::filesystem::path path = scratch_ / "socket";
  auto listener = listen_on_unix(path);
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(listen_on_unix(path).error().code, ErrorCode::busy);
  {
    const auto server = HttpServer::start(::dup(listener->socket.get()), {},
                                          [this](const HttpRequest& r) { return api_->handle(r); });
    ASSERT_TRUE(server);
    EXPECT_EQ(TestClient(path).ask("GET", "/api/v1/audit").status, 200);
  }
  listener->socket = FileDescriptor();
  EXPECT_TRUE(listen_on_unix(path));  // nobody listens any more
}

TEST_F(HttpServerTest, AUnixSocketAnswersNoOtherUser) {
  constexpr uid_t nobody = 65'534;
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  using std::filesystem::perms;
  // As if the modes had been opened by mistake.
  std::filesystem::permissions(path_.parent_path(), perms::all);
  const std::filesystem::path path = scratch_ / "socket";
  for (const bool check_peer : {true, false}) {
    auto listener = listen_on_unix(path);
    ASSERT_TRUE(listener) << listener.error().message;
    std::filesystem::permissions(path, perms::all);
    const auto server = HttpServer::start(::dup(listener->socket.get()), {.check_peer = check_peer},
                                          [this](const HttpRequest& r) { return api_->handle(r); });
    ASSERT_TRUE(server);
    ForkedChild other([&] {
      if (::setuid(nobody) != 0) return 1;
      const Answer answer = TestClient(path).ask("GET", "/healthz");
      const bool refused =
          answer.status == 403 && answer.body.find("its own user alone") != std::string::npos;
      return refused == check_peer && (refused || answer.status == 200) ? 0 : 2;
    });
    EXPECT_EQ(other.wait(), 0) << check_peer;
    EXPECT_EQ(TestClient(path).ask("GET", "/healthz").status, 200);
  }
}

}  // namespace
}  // namespace agentaudit
