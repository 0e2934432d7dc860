// ClickhouseAddress: what a `clickhouse://` URL says.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"

namespace agentaudit {

struct ClickhouseAddress {
  std::string host;
  std::uint16_t port = 8123;
  std::string user = "default";
  std::string password;
  std::string database;
  std::vector<std::string> trails;  // 32 lower-case hex digits each
  bool tls = false;                 // clickhouses://
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{60'000};  // of a whole statement
  std::size_t answer_bytes_max = std::size_t{1} << 30U;

  // Errors: invalid_argument. The message does not hold the password.
  [[nodiscard]] static Result<ClickhouseAddress> parse(std::string_view url);
  // Without user and password, for messages.
  [[nodiscard]] std::string to_string() const;
};

}  // namespace agentaudit
