#include "store/postgres_connections.h"

#include <utility>

namespace agentaudit {

Result<std::unique_ptr<PostgresConnection>> PostgresConnections::take(const std::stop_token& stop) {
  {
    std::unique_lock lock(mutex_);
    if (!given_back_.wait(lock, stop, [this] { return taken_ < connections_max; })) {
      return fail(ErrorCode::cancelled, "no connection came free");
    }
    ++taken_;
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  auto opened = PostgresConnection::open(url_, limits_);
  if (!opened) give_back(nullptr);
  return opened;
}

void PostgresConnections::give_back(std::unique_ptr<PostgresConnection> connection) {
  {
    const std::lock_guard lock(mutex_);
    --taken_;
    if (connection && !connection->is_lost()) idle_.push_back(std::move(connection));
  }
  given_back_.notify_one();
}

void PostgresConnections::drop_idle() {
  std::vector<std::unique_ptr<PostgresConnection>> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(idle_);
}

}  // namespace agentaudit
