// PostgresListener: hears of what is stored in a trail in PostgreSQL, by LISTEN.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "agentaudit/store/store.h"
#include "store/postgres_connection.h"

namespace agentaudit {

// Has a connection and a thread of its own, which calls `told`. A connection that is lost is made
// again, and `told` is called then: something may have been missed.
class PostgresListener final : public StoreWatch {
 public:
  PostgresListener(std::string url, const PostgresConnection::Limits& limits,
                   std::function<void()> told);

 private:
  void run(const std::stop_token& stop) const;
  // Until the connection is lost, or a stop.
  void listen(PostgresConnection& connection, const std::stop_token& stop) const;

  const std::string url_;
  const PostgresConnection::Limits limits_;
  const std::function<void()> told_;
  std::jthread thread_;
};

}  // namespace agentaudit
