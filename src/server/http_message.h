// A request and its answer, apart from the sockets that they come and go by.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentaudit/core/result.h"

namespace agentaudit {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method;
  std::string path;   // as it was sent, without the query
  std::string query;  // as it was sent, without the `?`
  std::vector<HttpHeader> headers;
  std::string body;
  std::string peer;        // the address of the client, without its port; empty: a unix socket
  std::stop_token gone{};  // asks to stop as soon as the client has closed its side

  // From this machine.
  [[nodiscard]] bool is_local() const noexcept;
  // The first header of that name, in either case; nullopt: there is none.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
};

// A body that is made as it is sent. Used by one thread at a time.
class BodySource {
 public:
  enum class State : std::uint8_t {
    more,  // there is more at once
    wait,  // nothing for now: the notify function will be called
    end,
    broken,  // the rest cannot be had: the connection is cut, so that the client notices
  };

  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
  virtual ~BodySource() = default;

  // Called once, before the first produce. `notify` may be called from any thread until the
  // source is destroyed.
  virtual void attach(const std::function<void()>& /*notify*/) {}
  // Appends what comes next.
  [[nodiscard]] virtual State produce(std::string& out) = 0;
};

struct HttpResponse {
  int status = 200;
  std::vector<HttpHeader> headers{};
  std::string body{};
  std::unique_ptr<BodySource> source{};  // in place of body
};

// Whether a Content-Type header is of that type, whatever parameters follow it.
[[nodiscard]] bool is_media_type(std::string_view header, std::string_view type) noexcept;

// A body without its content encoding.
struct UnpackedBody {
  std::string_view text;  // into the request, or into `unzipped`
  std::string unzipped;
};
// Errors: unsupported (another encoding than gzip), parse, too_large.
[[nodiscard]] Result<std::unique_ptr<UnpackedBody>> unpacked_body(const HttpRequest& request,
                                                                  std::size_t bytes_max);

[[nodiscard]] HttpResponse json_response(int status, std::string body);

// Whether a comma-separated header names the token, whatever parameters follow it.
[[nodiscard]] bool lists_token(std::string_view header, std::string_view token) noexcept;

}  // namespace agentaudit
