#include "server/http_message.h"

#include <algorithm>

#include "core/ascii.h"
#include "core/gzip.h"

namespace agentaudit {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool lists_token(std::string_view header, std::string_view token) noexcept {
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    std::string_view item = header.substr(0, comma);
    item = item.substr(0, item.find(';'));
    if (equal_ignoring_case(trimmed(item), token)) return true;
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  return false;
}

std::optional<std::string_view> HttpRequest::header(std::string_view name) const noexcept {
  for (const HttpHeader& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

bool HttpRequest::is_local() const noexcept {
  return peer.empty() || peer == "::1" || peer.starts_with("127.") ||
         peer.starts_with("::ffff:127.");
}

bool is_media_type(std::string_view header, std::string_view type) noexcept {
  return equal_ignoring_case(header.substr(0, header.find_first_of("; \t")), type);
}

Result<std::unique_ptr<UnpackedBody>> unpacked_body(const HttpRequest& request,
                                                    std::size_t bytes_max) {
  auto body = std::make_unique<UnpackedBody>();
  body->text = request.body;
  const std::string_view encoding = request.header("Content-Encoding").value_or("identity");
  if (equal_ignoring_case(encoding, "identity")) return body;
  if (!equal_ignoring_case(encoding, "gzip")) {
    return fail(ErrorCode::unsupported,
                "the content encoding \"" + std::string(encoding) + "\" is not taken; gzip is");
  }
  auto unzipped = gunzip(body->text, bytes_max);
  if (!unzipped) return fail(unzipped.error());
  body->unzipped = std::move(*unzipped);
  body->text = body->unzipped;
  return body;
}

HttpResponse json_response(int status, std::string body) {
  HttpResponse response{.status = status};
  response.headers.push_back({.name = "Content-Type", .value = "application/json"});
  response.body = std::move(body);
  return response;
}

}  // namespace agentaudit
