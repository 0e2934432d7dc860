// HttpClient: requests to a daemon, by libcurl.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "core/libcurl.h"
#include "server/http_message.h"

namespace agentaudit {

// Where a daemon listens, and as whom to speak to it.
struct DaemonAddress {
  std::string url;                // http://host:port, https://…, or unix:/path
  std::string token;              // empty: none
  std::string certificates_path;  // of the authorities to trust; empty: the system's
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{30'000};  // of a whole request
};

struct HttpAnswer {
  long status = 0;
  std::string body;
};

// Keeps its connection. Not thread-safe.
class HttpClient {
 public:
  // Does not connect yet. Errors: invalid_argument (the URL), unsupported (no libcurl).
  [[nodiscard]] static Result<HttpClient> make(DaemonAddress address);

  // `path` begins with a slash. Any status is an answer; of a body the first 1 MiB. Errors:
  // busy (nobody answers there, or not in time), permission (the certificate), io.
  [[nodiscard]] Result<HttpAnswer> get(std::string_view path);
  [[nodiscard]] Result<HttpAnswer> post(std::string_view path, std::string_view body,
                                        const std::vector<HttpHeader>& headers);

  [[nodiscard]] const std::string& url() const noexcept { return address_.url; }

 private:
  struct Cleanup {
    const Libcurl* curl;
    void operator()(CURL* handle) const noexcept { curl->easy_cleanup(handle); }
  };

  HttpClient(const Libcurl& curl, CURL* handle, DaemonAddress address)
      : curl_(&curl), handle_(handle, Cleanup{&curl}), address_(std::move(address)) {}

  [[nodiscard]] Result<HttpAnswer> perform(std::string_view path, const std::string_view* body,
                                           const std::vector<HttpHeader>& headers);

  const Libcurl* curl_;
  std::unique_ptr<CURL, Cleanup> handle_;
  DaemonAddress address_;
};

}  // namespace agentaudit
