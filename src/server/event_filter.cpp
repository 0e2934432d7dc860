#include "server/event_filter.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace agentaudit {
namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool admits(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || holds(names, name);
}

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains(std::string_view text, std::string_view needle) {
  return std::search(text.begin(), text.end(), needle.begin(), needle.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

}  // namespace

bool matches(const ListOpts& filter, const EventView& event) {
  return admits(filter.categories, event.category) && admits(filter.statuses, event.status) &&
         admits(filter.agents, event.agent) && admits(filter.sources, event.source) &&
         !holds(filter.exclude_sources, event.source) && admits(filter.targets, event.target) &&
         (filter.conversation_id.empty() || filter.conversation_id == event.conversation_id) &&
         (filter.trace_id.empty() || filter.trace_id == event.trace_id) &&
         (!filter.since || event.timestamp >= *filter.since) &&
         (!filter.until || event.timestamp <= *filter.until) &&
         (filter.search.empty() || contains(event.summary, filter.search) ||
          contains(event.target, filter.search) || contains(event.detail, filter.search));
}

}  // namespace agentaudit
