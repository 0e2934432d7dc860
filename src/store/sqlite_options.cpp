#include "store/sqlite_options.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace agentaudit {

Result<void> check_options(const SqliteStoreOptions& options) {
  constexpr auto duration_max = std::chrono::milliseconds(std::chrono::hours(24));
  const std::pair<std::string_view, std::chrono::milliseconds> durations[] = {
      {"busy_timeout", options.busy_timeout},
      {"query_timeout", options.query_timeout},
      {"search_total_budget", options.search_total_budget}};
  for (const auto& [name, duration] : durations) {
    if (duration.count() >= 0 && duration <= duration_max) continue;
    return fail(ErrorCode::invalid_argument, std::string(name) + " of " +
                                                 std::to_string(duration.count()) +
                                                 " ms is not between 0 and a day");
  }
  constexpr int threads_max = 16;
  if (options.query_threads < 0 || options.query_threads > threads_max) {
    return fail(ErrorCode::invalid_argument,
                "query_threads " + std::to_string(options.query_threads) +
                    " is not between 0 and " + std::to_string(threads_max));
  }
  constexpr int wal_pages_max = 1'000'000;
  if (options.wal_pages < 1 || options.wal_pages > wal_pages_max) {
    return fail(ErrorCode::invalid_argument, "wal_pages " + std::to_string(options.wal_pages) +
                                                 " is not between 1 and " +
                                                 std::to_string(wal_pages_max));
  }
  return {};
}

}  // namespace agentaudit
