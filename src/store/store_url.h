// What kind of store a URL names, by its scheme. Pure.
#pragma once

#include <string_view>

namespace agentaudit {

[[nodiscard]] constexpr bool is_postgres_url(std::string_view url) noexcept {
  return url.starts_with("postgres://") || url.starts_with("postgresql://");
}

[[nodiscard]] constexpr bool is_clickhouse_url(std::string_view url) noexcept {
  return url.starts_with("clickhouse://") || url.starts_with("clickhouses://");
}

}  // namespace agentaudit
