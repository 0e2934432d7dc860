// ClickhouseClient: statements to a ClickHouse server over its HTTP interface.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "core/libcurl.h"
#include "store/clickhouse_address.h"

namespace agentaudit {

// Safe from any thread: each statement takes a connection of its own and gives it back.
class ClickhouseClient {
 public:
  // Does not connect yet. Errors: unsupported (no libcurl).
  [[nodiscard]] static Result<std::unique_ptr<ClickhouseClient>> make(ClickhouseAddress address);

  // Answers what the server answered, when it has all of it. Errors: busy (nobody answers, or
  // the server has too much to do), deadline, cancelled, permission, not_found (no such
  // database or table), not_a_trail (a table that was altered), parse (this is no ClickHouse),
  // too_large (an answer over the address's answer_bytes_max), full, read_only, io.
  [[nodiscard]] Result<std::string> query(std::string_view sql,
                                          const std::stop_token& stop = {}) const;
  // Inserts `rows`, in the format that `sql` names; durable where the server is.
  [[nodiscard]] Result<void> insert(std::string_view sql, std::string_view rows,
                                    const std::stop_token& stop = {}) const;

  // For an answer that is not what was asked for.
  [[nodiscard]] Error unreadable() const;

  [[nodiscard]] const ClickhouseAddress& address() const noexcept { return address_; }

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
