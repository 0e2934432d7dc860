// The daemon as a process.

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "cli/agentaudit_process.h"
#include "server/test_client.h"

namespace agentaudit {
namespace {

using test_http::TestClient;

class ServeTest : public testing::Test {
 protected:
  TrailDirectory directory_;
};

TEST_F(ServeTest, StoresWhatIsPostedAndEndsWhenItIsTold) {
  Running daemon(directory_, {"serve", "--listen", "0"});
  {
    TestClient client(port_of(daemon));
    EXPECT_EQ(client
                  .ask("POST", "/api/v1/audit", "Content-Type: application/json\r\n",
                       R"({"category":"llm","summary":"posted"})")
                  .status,
              201);
  }
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait(), 0);
  const std::string list = directory_.run({"list"}).out;
  EXPECT_NE(list.find("posted"), std::string::npos) << list;
  EXPECT_NE(list.find("opened by process"), std::string::npos) << list;
  EXPECT_NE(list.find("closed by process"), std::string::npos) << list;
}

TEST_F(ServeTest, WhatWasAcknowledgedSurvivesAKill) {
  {
    Running daemon(directory_, {"serve", "--listen", "0"});
    TestClient client(port_of(daemon));
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(client
                    .ask("POST", "/api/v1/audit", "Content-Type: application/json\r\n",
                         R"({"category":"llm"})")
                    .status,
                201);
    }
    daemon.signal(SIGKILL);
    EXPECT_EQ(daemon.wait(), 128 + SIGKILL);
  }
  Running next(directory_, {"serve", "--listen", "0"});
  TestClient client(port_of(next));
  const std::string page = client.ask("GET", "/api/v1/audit?category=llm&limit=1", "").body;
  EXPECT_NE(page.find("\"total\":20"), std::string::npos) << page;
  next.signal(SIGINT);
  EXPECT_EQ(next.wait(), 0);
  EXPECT_EQ(directory_.run({"verify"}).status, 0) << directory_.run({"verify"}).out;
}

TEST_F(ServeTest, ASpanThatWaitsForAnotherSurvivesAKill) {
  // Its agent is that of a parent that has not come.
  const std::string span =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",)"
      R"("spanId":"b7ad6b7169203331","parentSpanId":"b7ad6b7169203332","name":"execute_tool bash",)"
      R"("startTimeUnixNano":"1000000000","endTimeUnixNano":"2000000000","attributes":[)"
      R"({"key":"gen_ai.operation.name","value":{"stringValue":"execute_tool"}},)"
      R"({"key":"gen_ai.tool.name","value":{"stringValue":"bash"}}]}]}]}]})";
  const auto post = [&](Running& daemon) {
    TestClient client(port_of(daemon));
    const auto response =
        client.ask("POST", "/v1/traces", "Content-Type: application/json\r\n", span);
    EXPECT_EQ(response.status, 200) << response.body;
  };
  {
    Running daemon(directory_, {"serve", "--listen", "0"});
    post(daemon);
    daemon.signal(SIGKILL);
    EXPECT_EQ(daemon.wait(), 128 + SIGKILL);
  }
  EXPECT_EQ(directory_.run({"list", "--target", "bash", "--json"}).out, "");
  const std::string doctor = directory_.run({"doctor"}).out;
  EXPECT_NE(doctor.find("wait beside the trail"), std::string::npos) << doctor;
  {
    // And it is the same when it is sent again.
    Running next(directory_, {"serve", "--listen", "0"});
    post(next);
    next.signal(SIGTERM);
    EXPECT_EQ(next.wait(), 0);
  }
  const std::string list = directory_.run({"list", "--target", "bash", "--json"}).out;
  EXPECT_EQ(std::count(list.begin(), list.end(), '\n'), 1) << list;
  EXPECT_EQ(directory_.run({"doctor"}).out.find("beside the trail"), std::string::npos);
}

TEST_F(ServeTest, AddressesOfOtherMachinesNeedTlsAndTokens) {
  const Finished refused = directory_.run({"serve", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("--tls-cert"), std::string::npos) << refused.err;
}

TEST_F(ServeTest, WrongOptionsAreSaid) {
  EXPECT_EQ(directory_.run({"serve", "--listen", "nowhere:x"}).status, 2);
  EXPECT_EQ(directory_.run({"serve", "--listen", "0", "--tls-cert", "c.pem"}).status, 2);
  EXPECT_EQ(directory_.run({"serve", "--listen", "0", "--check"}).status, 0);
}

TEST_F(ServeTest, ListensForExportersToo) {
  Running daemon(directory_, {"serve", "--listen", "0", "--otlp-port", "0"});
  const std::uint16_t first = port_of(daemon);
  const std::uint16_t second = port_of(daemon);
  EXPECT_NE(first, second);
  for (const std::uint16_t port : {first, second}) {
    EXPECT_EQ(TestClient(port)
                  .ask("POST", "/v1/traces", "Content-Type: application/json\r\n", "{}")
                  .status,
              200);
  }
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait(), 0);
}

TEST_F(ServeTest, WhereItCannotListenTheOptionIsNamed) {
  const std::string plain = directory_.file("plain", "no socket").native();
  const Finished socket = directory_.run({"serve", "--unix", plain});
  EXPECT_EQ(socket.status, 2);
  EXPECT_EQ(socket.err, "agentaudit: --unix: " + plain + " is there, and is no socket\n");
  const Finished port = directory_.run({"serve", "--listen", "0", "--otlp-port", "many"});
  EXPECT_EQ(port.status, 2);
  EXPECT_EQ(port.err.find("agentaudit: --otlp-port: "), 0U) << port.err;
  const Finished inherited =
      directory_.run_script(R"(LISTEN_PID=$$ LISTEN_FDS=1 exec "$AGENTAUDIT" serve 3</dev/null)");
  EXPECT_EQ(inherited.status, 2);
  EXPECT_EQ(inherited.err.find("agentaudit: LISTEN_FDS: "), 0U) << inherited.err;
}

TEST_F(ServeTest, ATokenIsAskedForOnceThereIsOne) {
  const std::string file = (directory_.path() / "tokens.json").native();
  const Finished made = directory_.run({"token", "create", "--scope", "read", "--tokens", file});
  EXPECT_EQ(made.status, 0) << made.err;
  const std::string token = made.out.substr(0, made.out.find('\n'));
  Running daemon(directory_, {"serve", "--listen", "0", "--tokens", file});
  TestClient client(port_of(daemon));
  EXPECT_EQ(client.ask("GET", "/api/v1/audit").status, 401);
  EXPECT_EQ(client.ask("GET", "/api/v1/audit", "Authorization: Bearer " + token + "\r\n").status,
            200);
  const std::string list = directory_.run({"token", "list", "--json", "--tokens", file}).out;
  const std::string id = list.substr(list.find("\"id\":\"") + 6, 8);
  EXPECT_EQ(directory_.run({"token", "revoke", id, "--tokens", file}).status, 0);
  EXPECT_EQ(directory_.run({"token", "revoke", id, "--tokens", file}).status, 1);
  EXPECT_EQ(directory_.run({"token", "create", "--tokens", file}).status, 2);
  EXPECT_EQ(directory_.run({"token", "create", "--scope", "all", "--tokens", file}).status, 2);
}

TEST_F(ServeTest, LogsAsJsonWhereItIsAsked) {
  Running daemon(directory_, {"serve", "--listen", "0", "--log-format", "json", "--log-requests"});
  const std::string first = daemon.read_error_line();
  EXPECT_EQ(first.find(R"({"time":")"), 0U) << first;
  EXPECT_NE(first.find(R"("level":"info","message":"listening on http://127.0.0.1:)"),
            std::string::npos)
      << first;
  const std::string port = first.substr(first.rfind(':') + 1);
  TestClient client(static_cast<std::uint16_t>(std::stoi(port)));
  EXPECT_EQ(client.ask("GET", "/healthz", "").status, 200);
  const std::string request = daemon.read_error_line();
  for (const char* part : {R"("path":"/healthz")", R"("status":200)", R"("peer":"127.0.0.1")"}) {
    EXPECT_NE(request.find(part), std::string::npos) << request;
  }
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait(), 0);
}

TEST_F(ServeTest, LogsWhoAskedForWhatAndHowItWasAnswered) {
  const std::string file = (directory_.path() / "tokens.json").native();
  std::string token = directory_.run({"token", "create", "--scope", "read", "--tokens", file}).out;
  token.pop_back();
  const std::filesystem::path socket = directory_.path() / "socket";
  for (const std::string format : {"text", "json"}) {
    Running daemon(directory_, {"serve", "--unix", socket, "--tokens", file, "--log-requests",
                                "--log-format", format});
    EXPECT_NE(daemon.read_error_line().find("unix:" + socket.native()), std::string::npos);
    const std::string header = "Authorization: Bearer " + token + "\r\n";
    EXPECT_EQ(TestClient(socket).ask("GET", "/api/v1/audit/77", header).status, 404);
    const std::string line = daemon.read_error_line();
    if (format == "text") {
      EXPECT_EQ(line, "GET /api/v1/audit/77 404");
    } else {
      for (const char* part : {R"("method":"GET")", R"("status":404)", R"("peer":"unix")",
                               R"("token":")", R"("duration_ms":)"}) {
        EXPECT_NE(line.find(part), std::string::npos) << line;
      }
      EXPECT_EQ(line.find(token), std::string::npos) << "only its id: " << line;
    }
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait(), 0);
  }
}

TEST_F(ServeTest, ATokenMayBeLimited) {
  const std::string file = (directory_.path() / "tokens.json").native();
  const auto create = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"token", "create", "--scope", "read", "--tokens", file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return directory_.run(arguments);
  };
  EXPECT_EQ(create({"--bytes-per-minute", "much"}).status, 2);
  EXPECT_EQ(create({"--requests-per-minute", "-1"}).status, 2);
  const Finished made = create({"--requests-per-minute", "2", "--bytes-per-minute", "10MiB"});
  EXPECT_EQ(made.status, 0) << made.err;
  const std::string list = directory_.run({"token", "list", "--tokens", file}).out;
  EXPECT_NE(list.find("2 requests, 10.0 MiB a minute"), std::string::npos) << list;
  Running daemon(directory_, {"serve", "--listen", "0", "--tokens", file});
  TestClient client(port_of(daemon));
  const std::string header =
      "Authorization: Bearer " + made.out.substr(0, made.out.find('\n')) + "\r\n";
  EXPECT_EQ(client.ask("GET", "/api/v1/audit", header).status, 200);
  EXPECT_EQ(client.ask("GET", "/api/v1/audit", header).status, 200);
  EXPECT_EQ(client.ask("GET", "/api/v1/audit", header).status, 429);
}

}  // namespace
}  // namespace agentaudit
