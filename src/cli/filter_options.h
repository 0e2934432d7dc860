// The filters that list, search, tail and export share, and those of them that counting has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentaudit/core/query.h"
#include "agentaudit/core/result.h"
#include "cli/command_line.h"

namespace agentaudit {

// A value may be a comma-separated list, and an option may come several times: all
// its values together are a union.
class FilterOptions {
 public:
  // Which events.
  void declare_filters(CommandLine& line);
  // The same without --trace and --search.
  void declare_count_filters(CommandLine& line);
  // Which page of them, and in which order.
  void declare_page(CommandLine& line);

  // Without a page, its default. Errors: invalid_argument, naming the option.
  [[nodiscard]] Result<ListOpts> to_list_opts(Timestamp now) const;

  // What declare_count_filters declares; the rest has its defaults.
  [[nodiscard]] Result<StatsOpts> to_stats_opts(Timestamp now) const;
  [[nodiscard]] Result<GroupsOpts> to_groups_opts(Timestamp now) const;

  void set_search(std::string text) { search_ = std::move(text); }

 private:
  void declare_names(CommandLine& line);
  void declare_times(CommandLine& line);
  template <typename Opts>
  [[nodiscard]] Result<void> fill(Opts& opts, Timestamp now) const;

  std::vector<std::string> categories_;
  std::vector<std::string> statuses_;
  std::vector<std::string> agents_;
  std::vector<std::string> sources_;
  std::vector<std::string> exclude_sources_;
  std::vector<std::string> targets_;
  std::string conversation_id_;
  std::string trace_id_;
  std::string search_;
  std::string since_;
  std::string until_;
  std::int64_t limit_ = limits::page_events_default;
  std::int64_t offset_ = 0;
  std::string cursor_;
  std::string order_ = "newest";
};

// --since and --until as instants; empty texts set nothing. Errors: invalid_argument.
[[nodiscard]] Result<void> read_time_range(const std::string& since, const std::string& until,
                                           Timestamp now, std::optional<Timestamp>& first,
                                           std::optional<Timestamp>& last);

// The union of comma-separated lists.
[[nodiscard]] std::vector<std::string> filter_names(const std::vector<std::string>& lists);

inline constexpr std::string_view since_help =
    "Not before TIME: 2h, 7d, yesterday, 2026-11-24 or RFC 3339";
inline constexpr std::string_view until_help = "Not after TIME; a day includes all of it";

}  // namespace agentaudit
