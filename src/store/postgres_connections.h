// PostgresConnections: the connections that questions are asked on, each by one at a time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "store/postgres_connection.h"

namespace agentaudit {

// Thread-safe.
class PostgresConnections {
 public:
  // So many at most; who comes when all are taken waits.
  static constexpr std::size_t connections_max = 8;

  PostgresConnections(std::string url, PostgresConnection::Limits limits)
      : url_(std::move(url)), limits_(limits) {}

  // Errors: cancelled, and those of PostgresConnection::open.
  [[nodiscard]] Result<std::unique_ptr<PostgresConnection>> take(const std::stop_token& stop);
  // nullptr: it was not fit to be used again.
  void give_back(std::unique_ptr<PostgresConnection> connection);
  // Ends those that nobody uses, of which the server may be gone.
  void drop_idle();

 private:
  std::string url_;
  PostgresConnection::Limits limits_;
  std::mutex mutex_;
  std::condition_variable_any given_back_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  std::size_t taken_ = 0;
};

}  // namespace agentaudit
