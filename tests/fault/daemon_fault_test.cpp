// The daemon on a disk that fails on and off under load: what it answered 201 is there once,
// what it refused is not there, and the metrics add up.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "fault/fault_vfs.h"
#include "server/api.h"
#include "server/test_client.h"
#include "server/test_server.h"
#include "store/all_events.h"
#include "store/is_installed.h"
#include "store/number_from_environment.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;
using test_http::TestClient;
using test_http::TestServer;

class DaemonFaultTest : public SqliteTrail {
 protected:
  // Posts batches of three until it is done; each event's summary is its own.
  void post_until_done(int client) {
    TestClient connection(port_);
    for (int i = 0; !done_; ++i) {
      const std::string batch = std::to_string(client) + '/' + std::to_string(i) + '/';
      std::string body;
      for (const char* const number : {"0", "1", "2"}) {
        body += body.empty() ? "[" : ",";
        body += R"({"category":"llm","summary":")" + batch + number + "\"}";
      }
      const auto answer =
          connection.ask("POST", "/api/v1/audit", "Content-Type: application/json\r\n", body + ']');
      const std::lock_guard guard(mutex_);
      answers_[batch] = answer.status;
    }
  }

  // wrk (github.com/wg/wrk), where it is installed: every question, and OTLP beside the posts.
  void load(std::int64_t seconds) const {
    const std::string command =
        "wrk -t1 -c16 -d" + std::to_string(seconds) + " -s '" +
        AGENTAUDIT_SOURCE_DIR "/tests/fault/doors.lua' http://127.0.0.1:" + std::to_string(port_) +
        " >/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
  }

  static std::int64_t metric(const std::string& metrics, const std::string& door,
                             const std::string& what) {
    std::smatch found;
    const std::regex line("agentaudit_events_" + what + R"(_total\{door=")" + door +
                          R"("\} (\d+))");
    EXPECT_TRUE(std::regex_search(metrics, found, line)) << what;
    return found.empty() ? -1 : std::stoll(found[1]);
  }

  FaultVfs faults_{3};  // before any store
  std::uint16_t port_ = 0;
  std::atomic<bool> done_ = false;
  std::mutex mutex_;
  std::map<std::string, int> answers_;  // of each batch; guarded by mutex_
};

TEST_F(DaemonFaultTest, AnswersAreTrueWhileTheDiskFailsOnAndOff) {
  const auto store = open({.wal_pages = 8});
  Api api(store, {});
  const TestServer server([&](const HttpRequest& request) { return api.handle(request); });
  port_ = server.port();
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([this, client] { post_until_done(client); });
  }
  // A follower and questions beside them.
  TestClient follower(port_);
  follower.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto seconds = number_from_environment("AGENTAUDIT_DAEMON_SECONDS", 3);
  const bool has_wrk = is_installed("wrk");
  if (has_wrk) clients.emplace_back([&, this] { load(seconds); });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  for (int i = 0; std::chrono::steady_clock::now() < end; ++i) {
    std::this_thread::sleep_for(40ms);
    faults_.fail(1 + i % 9, i % 3 == 0 ? FaultVfs::never / 2 : 1);
    (void)TestClient(port_).ask("GET", "/api/v1/audit?limit=50");
    std::this_thread::sleep_for(20ms);
    faults_.mend();
  }
  done_ = true;
  for (std::thread& client : clients) client.join();

  api.stop();
  const std::string metrics = TestClient(port_).ask("GET", "/metrics").body;
  std::map<std::string, int> found;
  const auto events = all_events(*store);
  ASSERT_TRUE(events) << events.error().message;
  for (const Event& event : *events) {
    ++found[event.summary.substr(0, event.summary.rfind('/') + 1)];
  }
  int stored = 0;
  int refused = 0;
  for (const auto& [batch, status] : answers_) {
    EXPECT_TRUE(status == 201 || status == 503) << status;
    EXPECT_EQ(found[batch], status == 201 ? 3 : 0) << batch << " was answered " << status;
    ++(status == 201 ? stored : refused);
  }
  EXPECT_GT(stored, 0);
  EXPECT_GT(refused, 0);
  const auto http = [&](const char* what) { return metric(metrics, "http", what); };
  EXPECT_EQ(http("offered"), 3 * (stored + refused));
  EXPECT_EQ(http("durable"), 3 * stored);
  EXPECT_EQ(http("dropped"), 3 * refused);
  const auto otlp = [&](const char* what) { return metric(metrics, "otlp", what); };
  EXPECT_EQ(otlp("durable") > 0, has_wrk);
  EXPECT_EQ(otlp("offered"),
            otlp("durable") + otlp("refused") + otlp("repeated") + otlp("dropped"));
  EXPECT_EQ(static_cast<std::int64_t>(events->size()), http("durable") + otlp("durable"));
  EXPECT_TRUE(store->check({}));
  EXPECT_NE(store->verify({}, {})->verdict, Verdict::tampered);
}

}  // namespace
}  // namespace agentaudit
