// Commands that send to a daemon, and what they do while it is away.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/agentaudit_process.h"
#include "cli/forwarder.h"
#include "cli/self_signed.h"

namespace agentaudit {
namespace {

using nlohmann::json;

class ForwardTest : public testing::Test {
 protected:
  void start_daemon() {
    daemon_ =
        std::make_unique<Running>(there_, std::vector<std::string>{"serve", "--unix", socket_});
    EXPECT_NE(daemon_->read_error_line().find("listening on unix:"), std::string::npos);
  }
  void stop_daemon() {
    daemon_->signal(SIGTERM);
    EXPECT_EQ(daemon_->wait(), 0);
    daemon_.reset();
  }

  Finished record(int first, int last) {
    std::string lines;
    for (int i = first; i <= last; ++i) {
      lines += R"({"category":"llm","summary":"event )" + std::to_string(i) + "\"}\n";
    }
    return here_.run({"record", "--ack", "--to", url_}, lines);
  }

  // What the daemon has, in the order in which it got it.
  std::string summaries() {
    std::string all;
    std::istringstream lines(there_.run({"export", "--category", "llm,tool_call"}).out);
    for (std::string line; std::getline(lines, line);) {
      all += json::parse(line)["summary"].get<std::string>() + '\n';
    }
    return all;
  }
  static std::string events(int first, int last) {
    std::string all;
    for (int i = first; i <= last; ++i) all += "event " + std::to_string(i) + '\n';
    return all;
  }
  // What could not be sent after it was taken.
  std::filesystem::path importing() const { return waiting().native() + ".importing"; }
  std::filesystem::path waiting() const { return Forwarder::waiting_path(here_.trail(), url_); }

  TrailDirectory there_;
  TrailDirectory here_;
  const std::string socket_ = (there_.path() / "socket").native();
  const std::string url_ = "unix:" + socket_;
  std::unique_ptr<Running> daemon_;
};

TEST_F(ForwardTest, EventsGoToTheDaemon) {
  start_daemon();
  const Finished recorded = record(1, 3);
  EXPECT_EQ(recorded.status, 0) << recorded.err;
  EXPECT_EQ(recorded.out, "2\n3\n4\n");  // after the daemon's own `opened`
  EXPECT_EQ(recorded.err, "");
  stop_daemon();
  EXPECT_EQ(summaries(), events(1, 3));
  EXPECT_FALSE(std::filesystem::exists(here_.trail()));
}

TEST_F(ForwardTest, EventsWaitWhileTheDaemonIsAwayAndKeepTheirOrder) {
  start_daemon();
  EXPECT_EQ(record(1, 2).status, 0);
  stop_daemon();
  std::filesystem::create_directories(here_.trail().parent_path());
  const Finished waiting = record(3, 4);
  EXPECT_EQ(waiting.status, 0);
  EXPECT_EQ(waiting.out, "waiting\nwaiting\n");
  EXPECT_NE(waiting.err.find("events wait in"), std::string::npos) << waiting.err;
  EXPECT_EQ(record(5, 5).out, "waiting\n");
  start_daemon();
  const Finished caught_up = record(6, 7);
  EXPECT_EQ(caught_up.status, 0);
  EXPECT_EQ(caught_up.err, "");
  stop_daemon();
  EXPECT_EQ(summaries(), events(1, 7));
  EXPECT_FALSE(std::filesystem::exists(this->waiting()));
}

TEST_F(ForwardTest, DoctorTellsWhatWaits) {
  here_.record(R"({"category":"llm"})"
               "\n");
  EXPECT_EQ(here_.run({"doctor"}).status, 0);
  EXPECT_EQ(record(1, 1).status, 0);
  const Finished examined = here_.run({"doctor", "--json"});
  EXPECT_EQ(examined.status, 1);
  EXPECT_NE(examined.out.find(waiting().native() + "\""), std::string::npos) << examined.out;
  start_daemon();
  EXPECT_EQ(here_.run({"record", "--to", url_}).status, 0);
  stop_daemon();
  EXPECT_EQ(here_.run({"doctor"}).status, 0);
  EXPECT_EQ(summaries(), events(1, 1));
}

TEST_F(ForwardTest, AnEventThatWaitedHappenedWhenItWasRecorded) {
  const Timestamp before = Timestamp::now();
  EXPECT_EQ(record(1, 1).status, 0);
  const Timestamp after = Timestamp::now();
  start_daemon();
  EXPECT_EQ(record(2, 2).status, 0);
  stop_daemon();
  const json event = json::parse(there_.run({"show", "2", "--json"}).out);
  EXPECT_EQ(event["summary"], "event 1");
  const auto time = Timestamp::parse(event["timestamp"].get<std::string>());
  ASSERT_TRUE(time);
  EXPECT_LE(before, *time);
  EXPECT_LE(*time, after);
}

TEST_F(ForwardTest, WhatIsSentTwiceIsThereOnce) {
  std::filesystem::create_directories(here_.trail().parent_path());
  EXPECT_EQ(record(1, 3).out, "waiting\nwaiting\nwaiting\n");
  // As if the process died after the daemon took the batch and before it was noted here.
  const std::filesystem::path kept = here_.path() / "kept";
  std::filesystem::copy_file(importing(), kept);
  start_daemon();
  EXPECT_EQ(here_.run({"record", "--to", url_}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(waiting()));
  std::filesystem::copy_file(kept, importing());
  EXPECT_EQ(record(4, 4).status, 0);
  EXPECT_FALSE(std::filesystem::exists(importing()));
  stop_daemon();
  EXPECT_EQ(summaries(), events(1, 4));
}

TEST_F(ForwardTest, ABatchThatIsRefusedDoesNotBlockTheNext) {
  std::filesystem::create_directories(here_.trail().parent_path());
  EXPECT_EQ(record(1, 1).out, "waiting\n");
  std::ofstream(waiting(), std::ios::app)
      << "no batch at all\n"
      << std::string(32, 'a') << R"( [{"summary":"without a category"}])" << "\n";
  EXPECT_EQ(record(2, 2).out, "waiting\n");
  start_daemon();
  const Finished sent = here_.run({"record", "--to", url_});
  EXPECT_NE(sent.err.find("category"), std::string::npos) << sent.err;
  EXPECT_NE(sent.err.find(".refused"), std::string::npos) << sent.err;
  stop_daemon();
  EXPECT_EQ(summaries(), events(1, 2));
  std::ifstream refused(waiting().native() + ".refused");
  const std::string text{std::istreambuf_iterator<char>(refused), {}};
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
  const std::string examined = here_.run({"doctor", "--json"}).out;
  EXPECT_NE(examined.find("\"refused\""), std::string::npos) << examined;
  EXPECT_EQ(examined.find("\"sending\""), std::string::npos) << "none of it waits: " << examined;
}

TEST_F(ForwardTest, AHookSendsAndNeverComplains) {
  const std::string payload =
      R"({"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Bash",)"
      R"("tool_input":{"command":"ls"},"tool_use_id":"t"})";
  std::filesystem::create_directories(here_.trail().parent_path());
  const Finished away = here_.run({"hook", "--to", url_}, payload);
  EXPECT_EQ(away.status, 0);
  EXPECT_EQ(away.out + away.err, "");
  EXPECT_TRUE(std::filesystem::exists(waiting()));
  start_daemon();
  EXPECT_EQ(here_.run({"hook", "--to", url_}, payload).status, 0);
  stop_daemon();
  const std::string sent = summaries();
  EXPECT_EQ(std::count(sent.begin(), sent.end(), '\n'), 2) << sent;
  EXPECT_FALSE(std::filesystem::exists(waiting()));
}

TEST_F(ForwardTest, AProxySendsWhatItSees) {
  start_daemon();
  const Finished proxied = here_.run(
      {"mcp", "--to", url_, "--", "sh", "-c",
       R"(read line; echo '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}'; read end)"},
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look","arguments":{}}})"
      "\n");
  EXPECT_EQ(proxied.out, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}\n");
  stop_daemon();
  const std::string calls = there_.run({"list", "--target", "look", "--json"}).out;
  EXPECT_EQ(std::count(calls.begin(), calls.end(), '\n'), 1) << calls;
}

TEST_F(ForwardTest, AWrongTokenIsSaidAndNothingIsLost) {
  const std::string tokens = (there_.path() / "tokens.json").native();
  const std::string token =
      there_.run({"token", "create", "--scope", "append", "--source", "here", "--tokens", tokens})
          .out;
  daemon_ = std::make_unique<Running>(
      there_, std::vector<std::string>{"serve", "--unix", socket_, "--tokens", tokens});
  EXPECT_NE(daemon_->read_error_line(), "");
  std::filesystem::create_directories(here_.trail().parent_path());
  const Finished refused = record(1, 1);
  EXPECT_EQ(refused.out, "waiting\n");
  EXPECT_NE(refused.err.find("a token is needed"), std::string::npos) << refused.err;
  const std::string file = here_.file("token", token).native();
  const Finished sent =
      here_.run({"record", "--to", url_, "--token-file", file}, R"({"category":"llm"})");
  EXPECT_EQ(sent.err, "");
  stop_daemon();
  const std::string all = there_.run({"list", "--source", "here", "--json"}).out;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2) << all;
}

TEST_F(ForwardTest, OverTlsOnlyADaemonThatIsTrustedGetsAnything) {
  const SelfSigned pair = self_signed("IP:127.0.0.1");
  const std::string certificate = there_.file("certificate.pem", pair.certificate).native();
  const std::string key = there_.file("key.pem", pair.private_key).native();
  daemon_ = std::make_unique<Running>(
      there_, std::vector<std::string>{"serve", "--listen", "0", "--tls-cert", certificate,
                                       "--tls-key", key});
  const std::string line = daemon_->read_error_line();
  ASSERT_NE(line.find("https://"), std::string::npos) << line;
  const std::string url = line.substr(line.find("https://"));
  const std::string event = R"({"category":"llm","summary":"over TLS"})";
  std::filesystem::create_directories(here_.trail().parent_path());
  const Finished distrusted = here_.run({"record", "--ack", "--to", url}, event);
  EXPECT_EQ(distrusted.out, "waiting\n");
  EXPECT_NE(distrusted.err.find("certificate"), std::string::npos) << distrusted.err;
  const Finished trusted =
      here_.run({"record", "--ack", "--to", url, "--cacert", certificate}, event);
  EXPECT_EQ(trusted.err, "");
  stop_daemon();
  EXPECT_EQ(summaries(), "over TLS\nover TLS\n");
}

TEST_F(ForwardTest, ATokenFileWithoutATokenIsSaid) {
  const std::string file = here_.file("token", "\nsecret\n").native();
  for (const std::string& path : {file, file + ".none"}) {
    const Finished refused =
        here_.run({"record", "--to", url_, "--token-file", path}, R"({"category":"llm"})");
    EXPECT_EQ(refused.status, 3);
    EXPECT_EQ(refused.err,
              "agentaudit: --token-file: " + path + " has no token in its first line\n");
  }
}

TEST_F(ForwardTest, ASlashAtTheEndOfTheAddressMakesItNoOther) {
  std::filesystem::create_directories(here_.trail().parent_path());
  EXPECT_EQ(record(1, 1).out, "waiting\n");
  start_daemon();
  EXPECT_EQ(here_.run({"record", "--to", url_ + "//"}).status, 0);
  stop_daemon();
  EXPECT_EQ(summaries(), events(1, 1));
  EXPECT_FALSE(std::filesystem::exists(waiting()));
}

TEST_F(ForwardTest, WhatTakesLongerThanACallMayIsSentByTheNextOnes) {
  constexpr int batches = 50;
  std::filesystem::create_directories(here_.trail().parent_path());
  const auto open = [&](std::chrono::milliseconds catch_up_max) {
    return Forwarder::open({.daemon = {.url = url_, .token = {}, .certificates_path = {}},
                            .trail = here_.trail(),
                            .catch_up_max = catch_up_max})
        .value();
  };
  for (int i = 1; i <= batches; ++i) {
    Event event;
    event.category = "llm";
    event.summary = "event " + std::to_string(i);
    const EventView view = event;
    ASSERT_TRUE(open({})->deliver({&view, 1}));
  }
  start_daemon();
  const auto forwarder = open(std::chrono::milliseconds(1));
  const auto first = forwarder->catch_up();
  ASSERT_FALSE(first) << "fifty requests in a millisecond";
  EXPECT_EQ(first.error().code, ErrorCode::deadline);
  EXPECT_GT(forwarder->waiting_bytes(), 0);
  int calls = 1;
  while (calls <= batches && !forwarder->catch_up()) ++calls;
  EXPECT_EQ(forwarder->waiting_bytes(), 0);
  stop_daemon();
  EXPECT_EQ(summaries(), events(1, batches));
}

TEST_F(ForwardTest, WhatIsNoAddressIsSaid) {
  for (const char* url : {"audit.example:4319", "ftp://x", "unix:"}) {
    const Finished finished = here_.run({"record", "--to", url}, R"({"category":"llm"})");
    EXPECT_EQ(finished.status, 2) << url;
    EXPECT_NE(finished.err.find("is no address of a daemon"), std::string::npos) << finished.err;
  }
}

}  // namespace
}  // namespace agentaudit
