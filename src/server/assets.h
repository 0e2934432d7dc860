// The files of the dashboard, as they were put into the command: web/, docs/dashboard.md.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "server/http_message.h"

namespace agentaudit {

// A file, gzipped, from `begin` to `end`.
struct PackedAsset {
  std::string_view name;
  const char* begin;
  const char* end;
};

// All that the build put in; none where it had no npm.
[[nodiscard]] std::span<const PackedAsset> packed_assets() noexcept;

// The answer to a request for the file: packed for who takes gzip; 304 for who has it; a
// problem where there is no such file.
[[nodiscard]] HttpResponse asset_response(const HttpRequest& request, std::string_view name);
// The page itself, or what to do where the build left it out.
[[nodiscard]] HttpResponse page_response(const HttpRequest& request);

}  // namespace agentaudit
