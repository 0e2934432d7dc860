#include "server/http_message.h"

#include <algorithm>

namespace agentaudit {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool same_token(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char left, char right) { return lower(left) == lower(right); });
}

bool lists_token(std::string_view header, std::string_view token) noexcept {
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    std::string_view item = header.substr(0, comma);
    item = item.substr(0, item.find(';'));
    if (same_token(trimmed(item), token)) return true;
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  return false;
}

std::optional<std::string_view> HttpRequest::header(std::string_view name) const noexcept {
  for (const HttpHeader& header : headers) {
    if (same_token(header.name, name)) return header.value;
  }
  return std::nullopt;
}

HttpResponse json_response(int status, std::string body) {
  HttpResponse response{.status = status};
  response.headers.push_back({.name = "Content-Type", .value = "application/json"});
  response.body = std::move(body);
  return response;
}

}  // namespace agentaudit
