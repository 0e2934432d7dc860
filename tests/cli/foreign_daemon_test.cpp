// What is said, and what becomes of events, where something else answers at a daemon's address.

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "cli/agentaudit_process.h"
#include "cli/forwarder.h"
#include "store/loopback.h"

namespace agentaudit {
namespace {

constexpr std::string_view event = "{\"category\":\"llm\",\"summary\":\"one\"}\n";

// Answers every connection with the same bytes, whatever it is asked.
class ForeignDaemon {
 public:
  explicit ForeignDaemon(std::string answer)
      : answer_(std::move(answer)), thread_([this] { serve(); }) {}
  ~ForeignDaemon() {
    shutdown(listening_.descriptor, SHUT_RDWR);
    thread_.join();
    close(listening_.descriptor);
  }
  ForeignDaemon(const ForeignDaemon&) = delete;
  ForeignDaemon& operator=(const ForeignDaemon&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(listening_.port);
  }

 private:
  void serve() const {
    for (int peer; (peer = accept(listening_.descriptor, nullptr, nullptr)) >= 0; close(peer)) {
      std::array<char, 4'096> asked{};
      (void)!read(peer, asked.data(), asked.size());
      (void)!send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      shutdown(peer, SHUT_WR);
      while (read(peer, asked.data(), asked.size()) > 0) {
      }
    }
  }

  const std::string answer_;
  const Listening listening_ = listen_on_loopback();
  std::jthread thread_;
};

std::string http(std::string_view status, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

TEST(ForeignDaemon, ThatDoesNotTakeEventsLetsThemWait) {
  struct Case {
    std::string answer;
    std::string complaint;
  };
  for (const auto& [answer, complaint] :
       {Case{http("200 OK", "<html>hello"), " answers, but not as agentaudit does; "},
        Case{http("201 Created", R"({"ids":7})"), " answers, but not as agentaudit does; "},
        Case{http("503 Service Unavailable", R"({"detail":"the disk is full"})"),
             " refuses events: the disk is full; "},
        Case{http("500 Oops", ""), " refuses events: status 500; "},
        Case{"SSH-2.0-OpenSSH\r\n", ": Received HTTP/0.9 when not allowed; "}}) {
    const ForeignDaemon daemon(answer);
    const TrailDirectory directory;
    const Finished recorded = directory.run({"record", "--ack", "--to", daemon.url()}, event);
    EXPECT_EQ(recorded.status, 0);
    EXPECT_EQ(recorded.out, "waiting\n") << answer;
    const std::filesystem::path file = Forwarder::waiting_path(directory.trail(), daemon.url());
    EXPECT_NE(recorded.err.find(daemon.url() + complaint + "events wait in " + file.native()),
              std::string::npos)
        << recorded.err;
  }
}

TEST(ForeignDaemon, ThatRefusesWhatIsShippedHasItSetAside) {
  const ForeignDaemon daemon(
      http("422 Unprocessable", R"({"detail":"no event","errors":["too blue","too long"]})"));
  const TrailDirectory directory;
  directory.record(std::string(event) + std::string(event));
  const std::string cursor = (directory.path() / "cursor").native();
  const Finished shipped = directory.run({"ship", "--to", daemon.url(), "--cursor", cursor});
  EXPECT_EQ(shipped.status, 1);
  EXPECT_EQ(shipped.err, "shipped 0 events; 0 behind\nagentaudit: 2 events were refused, see " +
                             cursor + ".refused\n");
  std::ifstream refused(cursor + ".refused");
  const std::string text{std::istreambuf_iterator<char>(refused), {}};
  EXPECT_NE(text.find("refuses events: no event: too blue"), std::string::npos) << text;
}

TEST(ForeignDaemon, ThatRefusesWhatAProxySeesIsSaidOnce) {
  const ForeignDaemon daemon(http("422 Unprocessable", R"({"detail":"no event"})"));
  const TrailDirectory directory;
  const Finished proxied =
      directory.run({"mcp", "--to", daemon.url(), "--", "cat"}, "{\"id\":1}\nanything\n");
  EXPECT_EQ(proxied.status, 0);
  EXPECT_EQ(proxied.out, "{\"id\":1}\nanything\n");
  EXPECT_EQ(proxied.err,
            "agentaudit: an event is lost: " + daemon.url() + " refuses events: no event\n");
}

TEST(ForeignDaemon, AnAddressThatCannotBeReadIsAWrongCommandLine) {
  const TrailDirectory directory;
  const Finished recorded = directory.run({"record", "--to", "http://[::1"}, event);
  EXPECT_EQ(recorded.status, 2);
  EXPECT_NE(recorded.err.find("http://[::1: "), std::string::npos) << recorded.err;
}

}  // namespace
}  // namespace agentaudit
