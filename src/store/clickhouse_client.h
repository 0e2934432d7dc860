// ClickhouseClient: statements to a ClickHouse server over its HTTP interface.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "core/libcurl.h"

namespace agentaudit {

// What a `clickhouse://` URL says.
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

  // Errors: invalid_argument. The message does not hold the password.
  [[nodiscard]] static Result<ClickhouseAddress> parse(std::string_view url);
  // Without user and password, for messages.
  [[nodiscard]] std::string to_string() const;
};

// Safe from any thread: each statement takes a connection of its own and gives it back.
class ClickhouseClient {
 public:
  // Does not connect yet. Errors: unsupported (no libcurl).
  [[nodiscard]] static Result<std::unique_ptr<ClickhouseClient>> make(ClickhouseAddress address);

  // Answers what the server answered, when it has all of it. Errors: busy (nobody answers, or
  // the server has too much to do), deadline, cancelled, permission, not_found (no such
  // database or table), not_a_trail (a table that was altered), parse (this is no ClickHouse),
  // too_large (an answer over answer_bytes_max), full, read_only, io.
  [[nodiscard]] Result<std::string> query(std::string_view sql, std::stop_token stop = {}) const;
  // Inserts `rows`, in the format that `sql` names; durable where the server is.
  [[nodiscard]] Result<void> insert(std::string_view sql, std::string_view rows,
                                    std::stop_token stop = {}) const;

  [[nodiscard]] const ClickhouseAddress& address() const noexcept { return address_; }

  static constexpr std::size_t answer_bytes_max = std::size_t{1} << 30U;

 private:
  struct Cleanup {
    const Libcurl* curl;
    void operator()(CURL* handle) const noexcept { curl->easy_cleanup(handle); }
  };
  using Handle = std::unique_ptr<CURL, Cleanup>;

  ClickhouseClient(const Libcurl& curl, ClickhouseAddress address)
      : curl_(&curl), address_(std::move(address)) {}

  [[nodiscard]] Result<Handle> take() const;
  void give_back(Handle handle) const;
  [[nodiscard]] Result<std::string> perform(const std::string& parameters, std::string_view body,
                                            const std::stop_token& stop) const;
  [[nodiscard]] Error error_of(long status, std::string_view answer) const;

  const Libcurl* curl_;
  ClickhouseAddress address_;
  mutable std::mutex mutex_;
  mutable std::vector<Handle> idle_;  // guarded by mutex_
};

}  // namespace agentaudit
