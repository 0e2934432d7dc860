#include "store/model_store.h"

#include <algorithm>
#include <map>

#include "agentaudit/core/names.h"
#include "store/last_hour.h"

namespace agentaudit {
namespace {

bool among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool passes(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || among(names, name);
}

bool within(const std::optional<Timestamp>& since, const std::optional<Timestamp>& until,
            Timestamp timestamp) {
  return (!since || timestamp >= *since) && (!until || timestamp <= *until);
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool holds(const std::string& text, const std::string& search) {
  if (search.empty()) return true;
  return lower(text).find(lower(search)) != std::string::npos;
}

template <typename Opts>
bool passes_common(const Opts& opts, const Event& event) {
  return passes(opts.categories, event.category) && passes(opts.statuses, event.status) &&
         passes(opts.agents, event.agent) && passes(opts.sources, event.source) &&
         !among(opts.exclude_sources, event.source) && passes(opts.targets, event.target) &&
         (opts.conversation_id.empty() || opts.conversation_id == event.conversation_id) &&
         within(opts.since, opts.until, event.timestamp);
}

bool matches(const ListOpts& opts, const Event& event) {
  return passes_common(opts, event) && (opts.trace_id.empty() || opts.trace_id == event.trace_id) &&
         (holds(event.summary, opts.search) || holds(event.target, opts.search) ||
          holds(event.detail, opts.search));
}

bool earlier(const Event& a, const Event& b) {
  return a.timestamp != b.timestamp ? a.timestamp < b.timestamp : a.id < b.id;
}

std::vector<NameCount> sorted_counts(const std::vector<const Event*>& events,
                                     std::string Event::* field) {
  std::map<std::string, std::int64_t> counts;
  for (const Event* event : events) ++counts[event->*field];
  std::vector<NameCount> sorted;
  for (const auto& [name, count] : counts) sorted.push_back({.name = name, .count = count});
  std::sort(sorted.begin(), sorted.end(), [](const NameCount& a, const NameCount& b) {
    return a.count != b.count ? a.count > b.count : a.name < b.name;
  });
  return sorted;
}

std::string Event::* field_of(GroupBy by) {
  switch (by) {
    case GroupBy::category: return &Event::category;
    case GroupBy::action: return &Event::action;
    case GroupBy::agent: return &Event::agent;
    case GroupBy::status: return &Event::status;
    case GroupBy::source: return &Event::source;
    case GroupBy::target: return &Event::target;
    case GroupBy::principal: return &Event::principal;
    case GroupBy::conversation: break;
  }
  return &Event::conversation_id;
}

// The least of the sorted durations that `percent` of them do not exceed.
std::chrono::milliseconds quantile(const std::vector<std::chrono::milliseconds>& sorted,
                                   std::size_t percent) {
  return sorted[(sorted.size() * percent + 99) / 100 - 1];
}

Group group_of(const std::string& name, const std::vector<const Event*>& events) {
  Group group{.name = name,
              .events = static_cast<std::int64_t>(events.size()),
              .first = events.front()->timestamp,
              .last = events.front()->timestamp};
  std::vector<std::chrono::milliseconds> durations;
  for (const Event* event : events) {
    group.first = std::min(group.first, event->timestamp);
    group.last = std::max(group.last, event->timestamp);
    group.errors += event->status == "error" ? 1 : 0;
    group.denied += event->status == "denied" ? 1 : 0;
    group.pending += event->status == "pending" ? 1 : 0;
    if (event->duration.count() > 0) durations.push_back(event->duration);
  }
  if (durations.empty()) return group;
  std::sort(durations.begin(), durations.end());
  group.duration = {
      .p50 = quantile(durations, 50), .p95 = quantile(durations, 95), .max = durations.back()};
  return group;
}

}  // namespace

void ModelStore::insert(Event event) {
  event.id = ++last_id_;
  events_.push_back(std::move(event));
}

std::int64_t ModelStore::prune(const PruneOpts& opts, EventId last_id) {
  return static_cast<std::int64_t>(std::erase_if(events_, [&](const Event& event) {
    const bool is_record =
        event.category == category::audit &&
        std::ranges::find(action::records, event.action) != action::records.end();
    return event.id <= last_id && event.timestamp < opts.cutoff && !is_record &&
           passes(opts.categories, event.category) &&
           !among(opts.exclude_categories, event.category);
  }));
}

std::int64_t ModelStore::prune(Timestamp cutoff, EventId last_id) {
  PruneOpts opts;
  opts.cutoff = cutoff;
  return prune(opts, last_id);
}

ListResult ModelStore::list(const ListOpts& opts) const {
  std::vector<const Event*> found;
  for (const Event& event : events_) {
    if (matches(opts, event)) found.push_back(&event);
  }
  if (opts.order != Order::commit) {
    std::sort(found.begin(), found.end(),
              [](const Event* a, const Event* b) { return earlier(*a, *b); });
  }
  if (opts.order == Order::newest_first) std::reverse(found.begin(), found.end());
  ListResult result;
  result.total = static_cast<std::int64_t>(found.size());
  result.limit = opts.limit;
  result.offset = opts.offset;
  const std::int64_t end = std::min(opts.offset + opts.limit, result.total);
  for (std::int64_t i = opts.offset; i < end; ++i) {
    result.events.push_back(*found[static_cast<std::size_t>(i)]);
  }
  return result;
}

Stats ModelStore::stats(const StatsOpts& opts) const {
  std::vector<const Event*> found;
  Stats stats;
  for (const Event& event : events_) {
    if (!passes_common(opts, event)) continue;
    found.push_back(&event);
    const bool is_recent = event.timestamp >= last_hour(*opts.now) && event.timestamp <= *opts.now;
    if (is_recent) ++stats.events_last_hour;
    if (!stats.first || event.timestamp < *stats.first) stats.first = event.timestamp;
    if (!stats.last || event.timestamp > *stats.last) stats.last = event.timestamp;
  }
  stats.total = static_cast<std::int64_t>(found.size());
  stats.by_category = sorted_counts(found, &Event::category);
  stats.by_status = sorted_counts(found, &Event::status);
  stats.by_agent = sorted_counts(found, &Event::agent);
  stats.by_source = sorted_counts(found, &Event::source);
  stats.by_target = sorted_counts(found, &Event::target);
  return stats;
}

GroupsResult ModelStore::groups(const GroupsOpts& opts) const {
  std::map<std::string, std::vector<const Event*>> by_name;
  GroupsResult result;
  for (const Event& event : events_) {
    if (!passes_common(opts, event)) continue;
    by_name[event.*field_of(opts.by)].push_back(&event);
    ++result.events;
  }
  for (const auto& [name, events] : by_name) result.groups.push_back(group_of(name, events));
  std::stable_sort(result.groups.begin(), result.groups.end(),
                   [](const Group& a, const Group& b) { return a.events > b.events; });
  result.total = static_cast<std::int64_t>(result.groups.size());
  result.limit = opts.limit;
  result.groups.resize(std::min(result.groups.size(), static_cast<std::size_t>(opts.limit)));
  return result;
}

std::vector<Conversation> ModelStore::conversations(const ConversationsOpts& opts) const {
  std::map<std::string, Conversation> by_id;
  for (const Event& event : events_) {
    if (event.conversation_id.empty() || !passes(opts.agents, event.agent)) continue;
    if (!within(opts.since, opts.until, event.timestamp)) continue;
    Conversation& conversation = by_id[event.conversation_id];
    if (conversation.events++ == 0) conversation.first = conversation.last = event.timestamp;
    conversation.conversation_id = event.conversation_id;
    conversation.first = std::min(conversation.first, event.timestamp);
    conversation.last = std::max(conversation.last, event.timestamp);
    conversation.errors += event.status == "error" ? 1 : 0;
    conversation.denied += event.status == "denied" ? 1 : 0;
    conversation.pending += event.status == "pending" ? 1 : 0;
    if (!among(conversation.agents, event.agent)) conversation.agents.push_back(event.agent);
  }
  std::vector<Conversation> sorted;
  for (auto& [id, conversation] : by_id) {
    std::sort(conversation.agents.begin(), conversation.agents.end());
    sorted.push_back(std::move(conversation));
  }
  std::sort(sorted.begin(), sorted.end(), [](const Conversation& a, const Conversation& b) {
    return a.last != b.last ? a.last > b.last : a.conversation_id < b.conversation_id;
  });
  return sorted;
}

OpenIntentsResult ModelStore::open_intents(const OpenIntentsOpts& opts) const {
  OpenIntentsResult result;
  for (const Event& intent : events_) {
    if (intent.status != "pending" || intent.span_id.empty()) continue;
    const bool ended = std::any_of(events_.begin(), events_.end(), [&](const Event& event) {
      if (event.id <= intent.id || event.status == "pending") return false;
      return event.span_id == intent.span_id ||
             (intent.category == "approval" && event.parent_span_id == intent.span_id);
    });
    if (ended || !passes(opts.agents, intent.agent) ||
        !within(opts.since, opts.until, intent.timestamp)) {
      continue;
    }
    if (!opts.conversation_id.empty() && opts.conversation_id != intent.conversation_id) continue;
    result.events.push_back(intent);
  }
  std::sort(result.events.begin(), result.events.end(), earlier);
  result.total = static_cast<std::int64_t>(result.events.size());
  std::vector<const Event*> all;
  for (const Event& event : result.events) all.push_back(&event);
  result.by_agent = sorted_counts(all, &Event::agent);
  result.events.resize(std::min(result.events.size(), static_cast<std::size_t>(opts.limit)));
  return result;
}

}  // namespace agentaudit
