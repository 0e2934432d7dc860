#include "trail_question.h"

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

namespace agentaudit::bench {
namespace {

struct Filter {
  std::string_view field;
  std::string value;
  std::function<void(ListOpts&)> apply;

  [[nodiscard]] std::string name() const {
    return value.empty() ? std::string(field) : std::string(field) + ' ' + value;
  }
};

Filter by_name(std::string_view field, std::vector<std::string> ListOpts::* names,
               std::string value) {
  return {field, value, [names, value](ListOpts& opts) { (opts.*names).push_back(value); }};
}

// The frequent values make up half of the events or more, the rare ones from one in a
// hundred to one in two thousand.
std::vector<Filter> filters(const Event& event) {
  return {
      by_name("category", &ListOpts::categories, "tool_call"),
      by_name("category", &ListOpts::categories, "config"),
      by_name("status", &ListOpts::statuses, "ok"),
      by_name("status", &ListOpts::statuses, "denied"),
      by_name("agent", &ListOpts::agents, "claude-code"),
      by_name("agent", &ListOpts::agents, "scheduler"),
      by_name("source", &ListOpts::sources, "otlp"),
      by_name("not source", &ListOpts::exclude_sources, "hook"),
      by_name("target", &ListOpts::targets, "Bash"),
      by_name("target", &ListOpts::targets, "create_ticket"),
      {"conversation", "",
       [id = event.conversation_id](ListOpts& opts) { opts.conversation_id = id; }},
      {"trace", "", [id = event.trace_id](ListOpts& opts) { opts.trace_id = id; }},
      {"since", "", [time = event.timestamp](ListOpts& opts) { opts.since = time; }},
      {"until", "", [time = event.timestamp](ListOpts& opts) { opts.until = time; }},
  };
}

}  // namespace

std::vector<TrailQuestion> questions_of_one_filter(const Event& event) {
  std::vector<TrailQuestion> questions;
  for (const Filter& filter : filters(event)) {
    TrailQuestion question{.name = filter.name(), .opts = {}};
    filter.apply(question.opts);
    questions.push_back(std::move(question));
  }
  return questions;
}

std::vector<TrailQuestion> questions_of_three_filters(const Event& event) {
  const std::vector<Filter> all = filters(event);
  std::vector<TrailQuestion> questions;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      for (std::size_t k = j + 1; k < all.size(); ++k) {
        // Values of one field stand side by side.
        if (all[i].field == all[j].field || all[j].field == all[k].field) continue;
        TrailQuestion question{.name = all[i].name() + ", " + all[j].name() + ", " + all[k].name(),
                               .opts = {}};
        for (const std::size_t at : {i, j, k}) all[at].apply(question.opts);
        questions.push_back(std::move(question));
      }
    }
  }
  return questions;
}

}  // namespace agentaudit::bench
