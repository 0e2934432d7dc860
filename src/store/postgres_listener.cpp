#include "store/postgres_listener.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "store/rest.h"

namespace agentaudit {
namespace {

// Until a stop is seen.
constexpr std::chrono::milliseconds patience{100};
constexpr std::chrono::milliseconds rest_least{100};
constexpr std::chrono::milliseconds rest_most{2'000};

}  // namespace

PostgresListener::PostgresListener(std::string url, const PostgresConnection::Limits& limits,
                                   std::function<void()> told)
    : url_(std::move(url)),
      limits_(limits),
      told_(std::move(told)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void PostgresListener::run(const std::stop_token& stop) const {
  std::chrono::milliseconds pause = rest_least;
  while (!stop.stop_requested()) {
    const auto connection = PostgresConnection::open(url_, limits_);
    if (connection && (*connection)->run("LISTEN agentaudit")) {
      pause = rest_least;
      listen(**connection, stop);
    }
    rest(stop, pause);
    pause = std::min(2 * pause, rest_most);
  }
}

void PostgresListener::listen(PostgresConnection& connection, const std::stop_token& stop) const {
  told_();
  while (!stop.stop_requested()) {
    const auto notified = connection.wait_for_notice(patience);
    if (!notified) return;
    if (*notified) told_();
  }
}

}  // namespace agentaudit
