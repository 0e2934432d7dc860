#include "cli/filter_options.h"

#include <algorithm>
#include <utility>

#include "agentaudit/core/filter_list.h"
#include "cli/time_expression.h"

namespace agentaudit {

std::vector<std::string> filter_names(const std::vector<std::string>& lists) {
  std::vector<std::string> names;
  for (const std::string& list : lists) {
    for (std::string& name : parse_filter_list(list)) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
  }
  return names;
}

Result<void> read_time_range(const std::string& since, const std::string& until, Timestamp now,
                             std::optional<Timestamp>& first, std::optional<Timestamp>& last) {
  if (!since.empty()) {
    const auto span = parse_time_expression(since, now);
    if (!span) return fail(span.error().code, "--since: " + span.error().message);
    first = span->first;
  }
  if (!until.empty()) {
    const auto span = parse_time_expression(until, now);
    if (!span) return fail(span.error().code, "--until: " + span.error().message);
    last = span->last;
  }
  return {};
}

void FilterOptions::declare_names(CommandLine& line) {
  line.option({"--category"}, "NAMES", categories_, "Only these categories");
  line.option({"--status"}, "NAMES", statuses_, "Only these statuses: ok, error, pending, denied");
  line.option({"--agent"}, "NAMES", agents_, "Only these agents");
  line.option({"--target"}, "NAMES", targets_, "Only these tools, models, skills or servers");
  line.option({"--source"}, "NAMES", sources_, "Only from these sources");
  line.option({"--exclude-source"}, "NAMES", exclude_sources_, "Not from these sources");
  line.option({"--conversation"}, "ID", conversation_id_, "Only of this conversation");
}

void FilterOptions::declare_times(CommandLine& line) {
  line.option({"--since"}, "TIME", since_, std::string(since_help));
  line.option({"--until"}, "TIME", until_, std::string(until_help));
}

void FilterOptions::declare_filters(CommandLine& line) {
  declare_names(line);
  line.option({"--trace"}, "ID", trace_id_, "Only of this trace");
  line.option({"--search"}, "TEXT", search_,
              "Only with TEXT in summary, target or detail, in either case");
  declare_times(line);
}

void FilterOptions::declare_count_filters(CommandLine& line) {
  declare_names(line);
  declare_times(line);
}

void FilterOptions::declare_page(CommandLine& line) {
  line.option({"-n", "--limit"}, "N", limit_, "At most N events, 1 to 1,000 (default 50)");
  line.option({"--offset"}, "N", offset_, "Pass over the first N");
  line.option({"--cursor"}, "CURSOR", cursor_, "Go on where a page ended");
  line.option({"--order"}, "ORDER", order_,
              "By time, newest or oldest first, or as committed (default newest)")
      .choices = {"newest", "oldest", "commit"};
}

template <typename Opts>
Result<void> FilterOptions::fill(Opts& opts, Timestamp now) const {
  opts.categories = filter_names(categories_);
  opts.statuses = filter_names(statuses_);
  opts.agents = filter_names(agents_);
  opts.sources = filter_names(sources_);
  opts.exclude_sources = filter_names(exclude_sources_);
  opts.targets = filter_names(targets_);
  opts.conversation_id = conversation_id_;
  return read_time_range(since_, until_, now, opts.since, opts.until);
}

Result<StatsOpts> FilterOptions::to_stats_opts(Timestamp now) const {
  StatsOpts opts;
  if (auto filled = fill(opts, now); !filled) return fail(std::move(filled.error()));
  return validated(std::move(opts));
}

Result<GroupsOpts> FilterOptions::to_groups_opts(Timestamp now) const {
  GroupsOpts opts;
  if (auto filled = fill(opts, now); !filled) return fail(std::move(filled.error()));
  return validated(std::move(opts));
}

Result<ListOpts> FilterOptions::to_list_opts(Timestamp now) const {
  ListOpts opts;
  if (auto filled = fill(opts, now); !filled) return fail(std::move(filled.error()));
  opts.trace_id = trace_id_;
  opts.search = search_;
  // The library takes 0 for the default; on the command line it is a mistake.
  if (limit_ == 0) return fail(ErrorCode::invalid_argument, "--limit: 0 is not between 1 and 1000");
  opts.limit = limit_;
  opts.offset = offset_;
  opts.cursor = cursor_;
  opts.order = order_ == "oldest"   ? Order::oldest_first
               : order_ == "commit" ? Order::commit
                                    : Order::newest_first;
  return validated(std::move(opts));
}

}  // namespace agentaudit
