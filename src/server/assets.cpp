#include "server/assets.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/gzip.h"
#include "core/sha256.h"
#include "server/http_problem.h"

namespace agentaudit {
namespace {

constexpr std::string_view page = "index.html";
constexpr std::size_t asset_bytes_max = std::size_t{4} << 20;

std::string_view content_type_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> types = {{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".txt", "text/plain; charset=utf-8"},
  }};
  for (const auto& [ending, type] : types) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

// What an agent wrote is shown on this page: nothing runs there but what the daemon serves, and
// it talks to the daemon alone.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> headers = {{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
     "'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Vary", "Accept-Encoding"},
}};

}  // namespace

HttpResponse asset_response(const HttpRequest& request, std::string_view name) {
  const auto assets = packed_assets();
  const auto asset = std::find_if(assets.begin(), assets.end(),
                                  [&](const PackedAsset& one) { return one.name == name; });
  if (asset == assets.end()) {
    return problem(404, "the dashboard has no file \"" + std::string(name) + "\"");
  }
  const std::string_view packed(asset->begin, static_cast<std::size_t>(asset->end - asset->begin));
  HttpResponse response;
  for (const auto& [header, value] : headers) {
    response.headers.push_back({.name = std::string(header), .value = std::string(value)});
  }
  response.headers.push_back({.name = "Content-Type", .value = std::string(content_type_of(name))});
  // Browsers ask for the icon again with every change of the address.
  response.headers.push_back(
      {.name = "Cache-Control", .value = name.ends_with(".svg") ? "max-age=86400" : "no-cache"});
  // Weak: the same file is sent packed or not.
  const std::string tag = "\"" + sha256_hex(packed).substr(0, 32) + "\"";
  response.headers.push_back({.name = "ETag", .value = "W/" + tag});
  const std::string_view known = request.header("If-None-Match").value_or("");
  if (lists_token(known, "W/" + tag) || lists_token(known, tag)) {
    response.status = 304;
    return response;
  }
  if (lists_token(request.header("Accept-Encoding").value_or(""), "gzip")) {
    response.headers.push_back({.name = "Content-Encoding", .value = "gzip"});
    response.body = packed;
    return response;
  }
  auto text = gunzip(packed, asset_bytes_max);
  if (!text) return problem(text.error());
  response.body = std::move(*text);
  return response;
}

HttpResponse page_response(const HttpRequest& request) {
  if (!packed_assets().empty()) return asset_response(request, page);
  HttpResponse response;
  response.headers.push_back({.name = "Content-Type", .value = "text/plain; charset=utf-8"});
  response.body =
      "agentaudit is here, but this build has no dashboard: there was no npm.\n"
      "Run `npm ci --ignore-scripts` in web/ and build again.\n"
      "GET /openapi.json says what can be asked without it.\n";
  return response;
}

}  // namespace agentaudit
