#include "server/api_parameters.h"

#include <array>
#include <string_view>
#include <utility>

#include "core/whole_number.h"

namespace agentaudit {
namespace {

Error wrong(std::string_view name, const std::string& why) {
  return {.code = ErrorCode::invalid_argument, .message = std::string(name) + ": " + why};
}

Result<void> take_text(QueryString& query, std::string_view name, std::string& out) {
  auto value = query.take(name);
  if (!value) return fail(value.error());
  if (*value) out = std::move(**value);
  return {};
}

Result<void> take_time(QueryString& query, std::string_view name, std::optional<Timestamp>& out) {
  const auto value = query.take(name);
  if (!value) return fail(value.error());
  if (!*value) return {};
  const auto time = Timestamp::parse(**value);
  if (!time) return fail(wrong(name, time.error().message));
  out = *time;
  return {};
}

template <typename Number>
Result<void> take_number(QueryString& query, std::string_view name, Number& out) {
  const auto value = query.take(name);
  if (!value) return fail(value.error());
  if (!*value) return {};
  const auto number = whole_number(**value);
  if (!number || !std::in_range<Number>(*number)) {
    return fail(wrong(name, "\"" + **value + "\" is no whole number"));
  }
  out = static_cast<Number>(*number);
  return {};
}

template <typename Value>
struct Choice {
  std::string_view name;
  Value value;
};

template <typename Value, std::size_t N>
Result<void> take_choice(QueryString& query, std::string_view name,
                         const std::array<Choice<Value>, N>& choices, Value& out) {
  const auto value = query.take(name);
  if (!value) return fail(value.error());
  if (!*value) return {};
  std::string names;
  for (const Choice<Value>& choice : choices) {
    if (choice.name == **value) {
      out = choice.value;
      return {};
    }
    names += (names.empty() ? "" : ", ") + std::string(choice.name);
  }
  return fail(wrong(name, "\"" + **value + "\" is none of " + names));
}

// The filters that all questions about events have in common.
template <typename Opts>
Result<void> take_filters(QueryString& query, Opts& opts) {
  opts.categories = query.take_list("category");
  opts.statuses = query.take_list("status");
  opts.agents = query.take_list("agent");
  opts.sources = query.take_list("source");
  opts.exclude_sources = query.take_list("exclude_source");
  opts.targets = query.take_list("target");
  if (auto taken = take_text(query, "conversation_id", opts.conversation_id); !taken) return taken;
  if (auto taken = take_time(query, "since", opts.since); !taken) return taken;
  return take_time(query, "until", opts.until);
}

Result<void> take_list_filters(QueryString& query, ListOpts& opts) {
  if (auto taken = take_filters(query, opts); !taken) return taken;
  if (auto taken = take_text(query, "trace_id", opts.trace_id); !taken) return taken;
  return take_text(query, "search", opts.search);
}

Result<void> take_limit(QueryString& query, std::int64_t& limit) {
  std::int64_t asked = limit;
  if (auto taken = take_number(query, "limit", asked); !taken) return taken;
  if (asked < 1 || asked > limits::page_events_max) {
    return fail(wrong("limit", std::to_string(asked) + " is not between 1 and " +
                                   std::to_string(limits::page_events_max)));
  }
  limit = asked;
  return {};
}

template <typename Opts>
Result<Opts> finished(const QueryString& query, Opts opts) {
  if (auto all = query.all_taken(); !all) return fail(all.error());
  return validated(std::move(opts));
}

}  // namespace

Result<ListOpts> list_opts_of(QueryString query) {
  static constexpr std::array<Choice<Order>, 3> orders = {{{"newest", Order::newest_first},
                                                           {"oldest", Order::oldest_first},
                                                           {"commit", Order::commit}}};
  static constexpr std::array<Choice<TotalMode>, 3> totals = {
      {{"auto", TotalMode::automatic}, {"exact", TotalMode::exact}, {"none", TotalMode::none}}};
  ListOpts opts;
  if (auto taken = take_list_filters(query, opts); !taken) return fail(taken.error());
  if (auto taken = take_limit(query, opts.limit); !taken) return fail(taken.error());
  if (auto taken = take_number(query, "offset", opts.offset); !taken) return fail(taken.error());
  if (auto taken = take_text(query, "cursor", opts.cursor); !taken) return fail(taken.error());
  if (auto taken = take_choice(query, "order", orders, opts.order); !taken) {
    return fail(taken.error());
  }
  if (auto taken = take_choice(query, "total", totals, opts.total); !taken) {
    return fail(taken.error());
  }
  return finished(query, std::move(opts));
}

Result<ListOpts> filters_of(QueryString query) {
  ListOpts opts;
  if (auto taken = take_list_filters(query, opts); !taken) return fail(taken.error());
  return finished(query, std::move(opts));
}

Result<StatsOpts> stats_opts_of(QueryString query) {
  StatsOpts opts;
  if (auto taken = take_filters(query, opts); !taken) return fail(taken.error());
  return finished(query, std::move(opts));
}

Result<StatsOpts> histogram_opts_of(QueryString query) {
  StatsOpts opts;
  opts.histogram_buckets = 60;
  if (auto taken = take_filters(query, opts); !taken) return fail(taken.error());
  if (auto taken = take_number(query, "buckets", opts.histogram_buckets); !taken) {
    return fail(taken.error());
  }
  if (opts.histogram_buckets < 1) {
    return fail(
        wrong("buckets", std::to_string(opts.histogram_buckets) + " is not between 1 and 1000"));
  }
  return finished(query, std::move(opts));
}

Result<GroupsOpts> groups_opts_of(QueryString query) {
  static constexpr std::array<Choice<GroupBy>, 8> fields = {
      {{"category", GroupBy::category},
       {"action", GroupBy::action},
       {"agent", GroupBy::agent},
       {"status", GroupBy::status},
       {"source", GroupBy::source},
       {"target", GroupBy::target},
       {"principal", GroupBy::principal},
       {"conversation", GroupBy::conversation}}};
  GroupsOpts opts;
  if (auto taken = take_choice(query, "by", fields, opts.by); !taken) return fail(taken.error());
  if (auto taken = take_filters(query, opts); !taken) return fail(taken.error());
  if (auto taken = take_limit(query, opts.limit); !taken) return fail(taken.error());
  return finished(query, std::move(opts));
}

Result<ConversationsOpts> conversations_opts_of(QueryString query) {
  ConversationsOpts opts;
  opts.agents = query.take_list("agent");
  if (auto taken = take_time(query, "since", opts.since); !taken) return fail(taken.error());
  if (auto taken = take_time(query, "until", opts.until); !taken) return fail(taken.error());
  if (auto taken = take_limit(query, opts.limit); !taken) return fail(taken.error());
  if (auto taken = take_number(query, "offset", opts.offset); !taken) return fail(taken.error());
  return finished(query, std::move(opts));
}

Result<OpenIntentsOpts> open_intents_opts_of(QueryString query) {
  OpenIntentsOpts opts;
  opts.agents = query.take_list("agent");
  if (auto taken = take_text(query, "conversation_id", opts.conversation_id); !taken) {
    return fail(taken.error());
  }
  if (auto taken = take_time(query, "since", opts.since); !taken) return fail(taken.error());
  if (auto taken = take_time(query, "until", opts.until); !taken) return fail(taken.error());
  if (auto taken = take_limit(query, opts.limit); !taken) return fail(taken.error());
  return finished(query, std::move(opts));
}

Result<bool> flag_of(QueryString& query, std::string_view name) {
  constexpr std::array<Choice<bool>, 2> choices = {{{"true", true}, {"false", false}}};
  bool flag = false;
  if (auto taken = take_choice(query, name, choices, flag); !taken) return fail(taken.error());
  return flag;
}

}  // namespace agentaudit
