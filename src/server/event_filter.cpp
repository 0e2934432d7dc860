#include "server/event_filter.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ascii.h"
#include "store/contains.h"

namespace agentaudit {
namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool admits(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || holds(names, name);
}

}  // namespace

EventFilter::EventFilter(ListOpts question) : question_(std::move(question)) {
  question_.search = to_lower_ascii(question_.search);
}

bool EventFilter::matches(const EventView& event) const {
  const ListOpts& of = question_;
  return admits(of.categories, event.category) && admits(of.statuses, event.status) &&
         admits(of.agents, event.agent) && admits(of.sources, event.source) &&
         !holds(of.exclude_sources, event.source) && admits(of.targets, event.target) &&
         (of.conversation_id.empty() || of.conversation_id == event.conversation_id) &&
         (of.trace_id.empty() || of.trace_id == event.trace_id) &&
         (!of.since || event.timestamp >= *of.since) &&
         (!of.until || event.timestamp <= *of.until) &&
         (of.search.empty() || contains_ignoring_case(event.summary, of.search) ||
          contains_ignoring_case(event.target, of.search) ||
          contains_ignoring_case(event.detail, of.search));
}

}  // namespace agentaudit
