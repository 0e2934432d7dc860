#include "agentaudit/core/query.h"

#include <string_view>

namespace agentaudit {
namespace {

Result<void> check_names(std::string_view field, const std::vector<std::string>& names) {
  if (names.size() <= limits::filter_names_max) return {};
  return fail(ErrorCode::invalid_argument,
              std::string(field) + ": " + std::to_string(names.size()) + " values, more than " +
                  std::to_string(limits::filter_names_max));
}

Result<void> check_page(std::int64_t& limit, std::int64_t offset) {
  if (limit == 0) limit = limits::page_events_default;
  if (limit < 0 || limit > limits::page_events_max) {
    return fail(ErrorCode::invalid_argument, "limit " + std::to_string(limit) +
                                                 " is not between 1 and " +
                                                 std::to_string(limits::page_events_max));
  }
  if (offset < 0 || offset > limits::page_offset_max) {
    return fail(ErrorCode::invalid_argument,
                "offset " + std::to_string(offset) + " is not between 0 and " +
                    std::to_string(limits::page_offset_max) + "; page deeper with a cursor");
  }
  return {};
}

Result<void> check_range(const std::optional<Timestamp>& since,
                         const std::optional<Timestamp>& until) {
  if (!since || !until || *since <= *until) return {};
  return fail(ErrorCode::invalid_argument,
              "since " + since->to_string() + " is after until " + until->to_string());
}

// The lists of names that questions of several kinds have.
template <typename Opts>
Result<void> check_name_lists(const Opts& opts) {
  const std::pair<std::string_view, const std::vector<std::string>*> lists[] = {
      {"category", &opts.categories}, {"status", &opts.statuses},
      {"agent", &opts.agents},        {"source", &opts.sources},
      {"target", &opts.targets},      {"exclude_source", &opts.exclude_sources}};
  for (const auto& [field, names] : lists) {
    if (auto ok = check_names(field, *names); !ok) return ok;
  }
  return {};
}

}  // namespace

Result<ListOpts> validated(ListOpts opts) {
  if (auto ok = check_name_lists(opts); !ok) return fail(std::move(ok.error()));
  if (opts.search.size() > limits::search_bytes_max) {
    return fail(ErrorCode::invalid_argument, "search: " + std::to_string(opts.search.size()) +
                                                 " bytes, more than " +
                                                 std::to_string(limits::search_bytes_max));
  }
  if (auto ok = check_page(opts.limit, opts.offset); !ok) return fail(std::move(ok.error()));
  if (auto ok = check_range(opts.since, opts.until); !ok) return fail(std::move(ok.error()));
  if (!opts.cursor.empty() && opts.offset != 0) {
    return fail(ErrorCode::invalid_argument, "offset and cursor exclude each other");
  }
  return opts;
}

Result<StatsOpts> validated(StatsOpts opts) {
  constexpr int buckets_max = 1'000;
  if (opts.histogram_buckets < 0 || opts.histogram_buckets > buckets_max) {
    return fail(ErrorCode::invalid_argument,
                "histogram_buckets " + std::to_string(opts.histogram_buckets) +
                    " is not between 0 and " + std::to_string(buckets_max));
  }
  if (auto ok = check_name_lists(opts); !ok) return fail(std::move(ok.error()));
  if (auto ok = check_range(opts.since, opts.until); !ok) return fail(std::move(ok.error()));
  return opts;
}

Result<GroupsOpts> validated(GroupsOpts opts) {
  // A number that was cast is no field.
  if (opts.by > GroupBy::conversation) {
    return fail(ErrorCode::invalid_argument, "by: " + std::to_string(static_cast<int>(opts.by)) +
                                                 " is not a field that groups events");
  }
  if (auto ok = check_name_lists(opts); !ok) return fail(std::move(ok.error()));
  if (auto ok = check_page(opts.limit, 0); !ok) return fail(std::move(ok.error()));
  if (auto ok = check_range(opts.since, opts.until); !ok) return fail(std::move(ok.error()));
  return opts;
}

Result<ConversationsOpts> validated(ConversationsOpts opts) {
  if (auto ok = check_names("agent", opts.agents); !ok) return fail(std::move(ok.error()));
  if (auto ok = check_page(opts.limit, opts.offset); !ok) return fail(std::move(ok.error()));
  if (auto ok = check_range(opts.since, opts.until); !ok) return fail(std::move(ok.error()));
  return opts;
}

Result<OpenIntentsOpts> validated(OpenIntentsOpts opts) {
  if (auto ok = check_names("agent", opts.agents); !ok) return fail(std::move(ok.error()));
  if (auto ok = check_page(opts.limit, 0); !ok) return fail(std::move(ok.error()));
  if (auto ok = check_range(opts.since, opts.until); !ok) return fail(std::move(ok.error()));
  return opts;
}

}  // namespace agentaudit
