// `agentaudit connect`: what it prints, run against a daemon where it can be run.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>

#include "cli/agentaudit_process.h"
#include "cli/daemon_url.h"
#include "cli/self_signed.h"
#include "store/is_installed.h"
#include "store/loopback.h"

namespace agentaudit {
namespace {

using nlohmann::json;

class ConnectTest : public testing::Test {
 protected:
  // Starts a daemon; returns its address.
  std::string start() {
    daemon_ =
        std::make_unique<Running>(directory_, std::vector<std::string>{"serve", "--listen", "0"});
    const std::string line = daemon_->read_error_line();
    const std::size_t start = line.find("http://");
    EXPECT_NE(start, std::string::npos) << line;
    return line.substr(start);
  }
  [[nodiscard]] json all(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"connect", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Finished finished = directory_.run(words);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return json::parse(finished.out);
  }
  [[nodiscard]] std::string listed() const {
    return directory_.run({"list", "--json", "--agent", "my-agent"}).out;
  }

  TrailDirectory directory_;
  std::unique_ptr<Running> daemon_;
};

TEST_F(ConnectTest, WithoutAKindItListsThem) {
  const Finished finished = directory_.run({"connect"});
  EXPECT_EQ(finished.status, 0);
  for (const char* const kind : {"otel", "claude-code", "codex", "gemini", "vercel-ai", "mcp ",
                                 "mcp-server", "hooks", "cpp", "curl", "python"}) {
    EXPECT_NE(finished.out.find(kind), std::string::npos) << kind;
  }
  EXPECT_EQ(directory_.run({"connect", "emacs"}).status, 2);
}

TEST_F(ConnectTest, TheCurlCommandStoresAnEvent) {
  if (!is_installed("curl")) GTEST_SKIP() << "curl is not installed";
  const std::string url = start();
  const Finished printed = directory_.run({"connect", "curl", "--url", url});
  EXPECT_NE(printed.err.find("a daemon answers"), std::string::npos) << printed.err;
  EXPECT_EQ(printed.out.find("Authorization"), std::string::npos);
  const auto script = directory_.file("curl.sh", printed.out);
  EXPECT_EQ(std::system(("sh " + script.native() + " >/dev/null").c_str()), 0);
  EXPECT_NE(listed().find("bash: ls"), std::string::npos);
}

TEST_F(ConnectTest, ThePythonProgramStoresAnEventWithATokenOfItsOwn) {
  if (!is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const Finished refused = directory_.run({"connect", "python", "--create-token"});
  EXPECT_EQ(refused.status, 2);
  const Finished printed =
      directory_.run({"connect", "python", "--create-token", "--source", "researcher"});
  EXPECT_NE(printed.err.find("no daemon answers"), std::string::npos) << printed.err;
  const std::string start_of_token = "Bearer ";
  const std::size_t at = printed.out.find(start_of_token) + start_of_token.size();
  const std::string token = printed.out.substr(at, printed.out.find('"', at) - at);

  const std::string url = start();
  const Finished wanted = directory_.run({"connect", "python", "--url", url});
  EXPECT_NE(wanted.err.find("it wants a token"), std::string::npos) << wanted.err;
  EXPECT_NE(wanted.out.find("Bearer YOUR_TOKEN"), std::string::npos);
  const Finished wrong = directory_.run({"connect", "python", "--url", url, "--token", "none"});
  EXPECT_NE(wrong.err.find("does not know this token"), std::string::npos) << wrong.err;

  const Finished right = directory_.run({"connect", "python", "--url", url, "--token", token});
  EXPECT_EQ(right.err.find("does not know"), std::string::npos) << right.err;
  const auto program = directory_.file("audit.py", right.out);
  EXPECT_EQ(std::system(("python3 " + program.native() + " >/dev/null").c_str()), 0);
  EXPECT_NE(listed().find("\"source\":\"researcher\""), std::string::npos) << listed();
}

TEST_F(ConnectTest, TheEnvironmentVariablesAreThoseOfOpenTelemetry) {
  const Finished printed =
      directory_.run({"connect", "otel", "--url", "http://[::1]:9/", "--token", "aud_1-x"});
  const auto script = directory_.file("otel.sh", printed.out + "env | grep ^OTEL | sort > out\n");
  const std::string command = "cd " + directory_.path().native() + " && env -i sh ./otel.sh";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const std::string expected =
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:9\n"
      "OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20aud_1-x\n"
      "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n";
  const std::string compare =
      "printf '%s' '" + expected + "' | cmp - " + (directory_.path() / "out").native();
  EXPECT_EQ(std::system(compare.c_str()), 0) << printed.out;
}

TEST_F(ConnectTest, WhatIsJsonOrTomlOrShellParses) {
  const json kinds = all({"--token", "aud_1", "--store", "a trail.db"});
  EXPECT_EQ(kinds.size(), 11U);
  const auto parsed = [&](const char* kind) {
    return json::parse(std::string(kinds.at(kind)["text"]));
  };
  EXPECT_EQ(parsed("gemini")["telemetry"]["otlpEndpoint"], "http://127.0.0.1:4319");
  const json wrapper = parsed("mcp")["mcpServers"]["files"];
  EXPECT_EQ(wrapper["command"], AGENTAUDIT_COMMAND);
  EXPECT_EQ(wrapper["args"][0], "mcp");
  EXPECT_TRUE(std::string(wrapper["args"][4]).ends_with("/a trail.db"));
  EXPECT_EQ(wrapper["args"][5], "--");
  EXPECT_EQ(parsed("mcp-server")["mcpServers"]["agentaudit"]["args"][0], "mcp-server");
  for (const char* const kind : {"otel", "claude-code", "hooks", "curl"}) {
    EXPECT_EQ(kinds.at(kind)["file"], "shell");
    const auto script = directory_.file("script", std::string(kinds.at(kind)["text"]));
    EXPECT_EQ(std::system(("sh -n " + script.native()).c_str()), 0) << kind;
  }
  const auto toml = directory_.file("config.toml", std::string(kinds.at("codex")["text"]));
  if (std::system("python3 -c 'import tomllib' 2>/dev/null") == 0) {
    const std::string check =
        "python3 -c 'import tomllib,sys; c = tomllib.load(open(sys.argv[1], \"rb\")); "
        "e = c[\"otel\"][\"exporter\"][\"otlp-http\"]; "
        "assert e[\"endpoint\"] == \"http://127.0.0.1:4319/v1/logs\"; "
        "assert e[\"headers\"][\"Authorization\"] == \"Bearer aud_1\"' ";
    EXPECT_EQ(std::system((check + toml.native()).c_str()), 0);
  }
  if (is_installed("node")) {
    const auto module = directory_.file("vercel.mjs", std::string(kinds.at("vercel-ai")["text"]));
    EXPECT_EQ(std::system(("node --check " + module.native()).c_str()), 0);
  }
}

TEST_F(ConnectTest, TheHooksItPrintsAreInstalled) {
  const auto script =
      directory_.file("hooks.sh", std::string(all({"--store", "a trail.db"}).at("hooks")["text"]));
  // Without --yes it only says what it would do.
  const std::string command = "HOME=" + directory_.path().native() + " sh " + script.native() +
                              " </dev/null 2>&1 | grep -q 'say --yes'";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST_F(ConnectTest, AnAddressThatIsNoneIsRefused) {
  for (const char* const url : {"127.0.0.1:4319", "ftp://x", "http://", "http://x:0", "http://x:y",
                                "http://x:99999", "http://x/path", "http://u@x", "http://x'y:1"}) {
    EXPECT_EQ(directory_.run({"connect", "curl", "--url", url}).status, 2) << url;
  }
  EXPECT_EQ(directory_.run({"connect", "curl", "--token", "a b"}).status, 2);
  for (const char* url : {"https://[::1]", "http://localhost:4319/", "http://10.0.0.1:80"}) {
    EXPECT_TRUE(check_daemon_url(url)) << url;
  }
}

// Answers each request with the same response, as a server that is something else.
class OtherServer {
 public:
  explicit OtherServer(std::string response) : response_(std::move(response)) {
    thread_ = std::thread([this] {
      for (int client = 0; (client = ::accept(listening_.descriptor, nullptr, nullptr)) >= 0;) {
        std::array<char, 4'096> request{};
        (void)!::read(client, request.data(), request.size());
        (void)!::write(client, response_.data(), response_.size());
        ::close(client);
      }
    });
  }
  ~OtherServer() {
    ::shutdown(listening_.descriptor, SHUT_RDWR);
    thread_.join();
    ::close(listening_.descriptor);
  }
  OtherServer(const OtherServer&) = delete;
  OtherServer& operator=(const OtherServer&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(listening_.port);
  }

 private:
  std::string response_;
  Listening listening_ = listen_on_loopback();
  std::thread thread_;
};

TEST_F(ConnectTest, AServerThatIsNoDaemonIsSaidToBeNone) {
  const OtherServer other("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  const Finished told = directory_.run({"connect", "curl", "--url", other.url()});
  EXPECT_EQ(told.status, 0);
  EXPECT_NE(told.err.find("is no daemon of agentaudit"), std::string::npos) << told.err;
  EXPECT_EQ(told.out.find("YOUR_TOKEN"), std::string::npos);
}

TEST_F(ConnectTest, ADaemonWhoseCertificateNobodyTrustsCannotBeTold) {
  const SelfSigned self = self_signed("IP:127.0.0.1");
  const std::string certificate = directory_.file("cert.pem", self.certificate);
  const std::string key = directory_.file("key.pem", self.private_key);
  Running daemon(directory_,
                 {"serve", "--listen", "0", "--tls-cert", certificate, "--tls-key", key});
  const std::string line = daemon.read_error_line();
  const Finished told =
      directory_.run({"connect", "curl", "--url", line.substr(line.find("https"))});
  EXPECT_EQ(told.status, 0);
  EXPECT_NE(told.err.find("whether a daemon answers cannot be told"), std::string::npos)
      << told.err;
  // It may well want one.
  EXPECT_NE(told.out.find("YOUR_TOKEN"), std::string::npos) << told.out;
}

TEST_F(ConnectTest, WithoutADaemonTheTokensThatItWillReadAreThoughtOf) {
  const std::string tokens = directory_.path() / "tokens.json";
  const std::vector<std::string> connect = {"connect",  "curl", "--url", "http://127.0.0.1:1",
                                            "--tokens", tokens};
  const Finished without = directory_.run(connect);
  EXPECT_NE(without.err.find("no daemon answers"), std::string::npos) << without.err;
  EXPECT_EQ(without.out.find("YOUR_TOKEN"), std::string::npos);
  ASSERT_EQ(
      directory_.run({"token", "create", "--tokens", tokens, "--scope", "append", "--source", "s"})
          .status,
      0);
  EXPECT_NE(directory_.run(connect).out.find("YOUR_TOKEN"), std::string::npos);
}

TEST_F(ConnectTest, ATokenIsNotMadeInAFileThatIsBrokenOrCannotBeWritten) {
  const std::string broken = directory_.file("broken.json", "{");
  const auto create = [&](const std::string& tokens, const std::vector<std::string>& more) {
    std::vector<std::string> words = {"connect", "curl", "--create-token", "--tokens", tokens};
    words.insert(words.end(), more.begin(), more.end());
    return directory_.run(words);
  };
  const Finished refused = create(broken, {"--source", "s"});
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.err.find("broken.json"), std::string::npos) << refused.err;
  EXPECT_EQ(refused.out, "");
  const Finished nowhere = create("/proc/nowhere/tokens.json", {"--source", "s"});
  EXPECT_NE(nowhere.status, 0);
  EXPECT_NE(nowhere.err.find("/proc/nowhere"), std::string::npos) << nowhere.err;
  const Finished sourceless = create(directory_.path() / "tokens.json", {});
  EXPECT_NE(sourceless.err.find("needs --source NAME"), std::string::npos) << sourceless.err;
}

TEST_F(ConnectTest, AllIsEachUnderItsName) {
  const Finished printed = directory_.run({"connect", "--all"});
  EXPECT_NE(printed.out.find("== otel: "), std::string::npos);
  EXPECT_NE(printed.out.find("== python: "), std::string::npos);
}

}  // namespace
}  // namespace agentaudit
