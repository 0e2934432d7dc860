#include "store/model_questions.h"

#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include "agentaudit/core/limits.h"

namespace agentaudit::model_questions {
namespace {

std::string one_of(const std::vector<std::string>& values) { return *rc::gen::elementOf(values); }

std::optional<Timestamp> maybe_instant() {
  if (*rc::gen::inRange(0, 3) > 0) return std::nullopt;
  return instant();
}

void order_range(std::optional<Timestamp>& since, std::optional<Timestamp>& until) {
  if (since && until && *until < *since) std::swap(since, until);
}

// Those that all questions about events have.
template <typename Opts>
void choose_filters(Opts& opts) {
  opts.since = maybe_instant();
  opts.until = maybe_instant();
  order_range(opts.since, opts.until);
  opts.categories = some_of(names);
  opts.statuses = some_of(statuses);
  opts.agents = some_of(names);
  opts.sources = some_of(names);
  opts.exclude_sources = some_of(names);
  opts.targets = some_of(texts);
  if (*rc::gen::inRange(0, 4) == 0) opts.conversation_id = one_of(names);
}

void compare_list(Store& store, const ModelStore& model) {
  ListOpts opts = random_list();
  const ListResult expected = model.list(opts);
  ListResult page = store.list(opts).value();
  RC_ASSERT(page.events == expected.events);
  RC_ASSERT(page.total == expected.total);
  RC_ASSERT(page.total_exact);
  // The rest by cursor.
  std::vector<Event> rest;
  const std::int64_t offset = opts.offset + static_cast<std::int64_t>(page.events.size());
  while (!page.next_cursor.empty()) {
    opts.offset = 0;
    opts.cursor = page.next_cursor;
    page = store.list(opts).value();
    RC_ASSERT(!page.events.empty());
    RC_ASSERT(page.total == expected.total);
    rest.insert(rest.end(), page.events.begin(), page.events.end());
  }
  if (expected.events.empty()) return;
  opts.cursor.clear();
  opts.offset = offset;
  opts.limit = limits::page_events_max;
  RC_ASSERT(rest == model.list(opts).events);
}

bool within_a_hundredth(std::chrono::milliseconds found, std::chrono::milliseconds exact) {
  const std::int64_t off = found.count() - exact.count();
  return std::max(off, -off) * 100 <= exact.count();
}

void compare_open_intents(Store& store, const ModelStore& model) {
  OpenIntentsOpts opts;
  opts.since = maybe_instant();
  opts.agents = some_of(names);
  if (*rc::gen::inRange(0, 4) == 0) opts.conversation_id = one_of(names);
  opts.limit = *rc::gen::inRange<std::int64_t>(1, 10);
  const OpenIntentsResult expected = model.open_intents(opts);
  const OpenIntentsResult found = store.open_intents(opts, {}).value();
  RC_ASSERT(found.total == expected.total);
  RC_ASSERT(found.events == expected.events);
  RC_ASSERT(found.by_agent == expected.by_agent);
}

}  // namespace

std::vector<std::string> some_of(const std::vector<std::string>& values) {
  std::vector<std::string> some;
  const int count = *rc::gen::weightedElement<int>({{4, 0}, {2, 1}, {1, 2}});
  for (int i = 0; i < count; ++i) some.push_back(one_of(values));
  return some;
}

Timestamp instant() {
  constexpr std::int64_t minute_ns = 60'000'000'000;
  // Mostly whole minutes around the epoch's first hours, but never the unset zero.
  const int kind = *rc::gen::weightedElement<int>({{12, 0}, {4, 1}, {1, 2}});
  if (kind == 0) {
    return Timestamp::from_ns(*rc::gen::inRange<std::int64_t>(-20, 200) * minute_ns + 1);
  }
  // Around the ends of long periods, and of time.
  if (kind == 1) {
    const std::int64_t hour = *rc::gen::element(-2'048, -1'025, -33, -32, -1, 1, 24, 32, 31, 1'024);
    return Timestamp::from_ns(hour * 60 * minute_ns + *rc::gen::inRange<std::int64_t>(-1, 2));
  }
  return Timestamp::from_ns(*rc::gen::element(std::numeric_limits<std::int64_t>::min(),
                                              std::numeric_limits<std::int64_t>::max()));
}

Event random_event() {
  Event event;
  event.timestamp = instant();
  event.category = one_of(names);
  event.action = one_of(names);
  event.agent = one_of(names);
  event.summary = one_of(texts);
  event.detail = one_of(texts);
  event.status = one_of(statuses);
  const std::int64_t unit_ms = *rc::gen::element<std::int64_t>(1, 1'000, 3'600'000);
  event.duration = std::chrono::milliseconds(*rc::gen::inRange<std::int64_t>(-2, 200) * unit_ms);
  event.source = one_of(names);
  event.conversation_id = one_of(names);
  event.target = one_of(texts);
  event.principal = one_of(names);
  event.trace_id = one_of(traces);
  event.span_id = one_of(spans);
  event.parent_span_id = one_of(spans);
  return event;
}

ListOpts random_list() {
  ListOpts opts;
  choose_filters(opts);
  if (*rc::gen::inRange(0, 4) == 0) opts.trace_id = one_of(traces);
  if (*rc::gen::inRange(0, 3) == 0) opts.search = one_of(texts);
  opts.limit = *rc::gen::inRange<std::int64_t>(1, 12);
  opts.offset = *rc::gen::inRange<std::int64_t>(0, 6);
  opts.order = *rc::gen::element(Order::newest_first, Order::oldest_first, Order::commit);
  opts.total = *rc::gen::element(TotalMode::automatic, TotalMode::exact);
  return opts;
}

void compare_stats(Store& store, const ModelStore& model) {
  StatsOpts opts;
  choose_filters(opts);
  opts.now = instant();
  opts.histogram_buckets = *rc::gen::inRange(0, 10);
  const Stats expected = model.stats(opts);
  const Stats stats = store.stats(opts).value();
  RC_ASSERT(stats.total == expected.total);
  RC_ASSERT(stats.events_last_hour == expected.events_last_hour);
  RC_ASSERT(stats.first == expected.first);
  RC_ASSERT(stats.last == expected.last);
  RC_ASSERT(stats.by_category == expected.by_category);
  RC_ASSERT(stats.by_status == expected.by_status);
  RC_ASSERT(stats.by_agent == expected.by_agent);
  RC_ASSERT(stats.by_source == expected.by_source);
  RC_ASSERT(stats.by_target == expected.by_target);
  for (std::size_t i = 0; i < stats.histogram.size(); ++i) {
    ListOpts bucket{.categories = opts.categories,
                    .agents = opts.agents,
                    .sources = opts.sources,
                    .exclude_sources = opts.exclude_sources,
                    .targets = opts.targets,
                    .conversation_id = opts.conversation_id,
                    .since = stats.histogram[i].start};
    // The first may begin before what was asked for.
    if (opts.since) bucket.since = std::max(*bucket.since, *opts.since);
    bucket.until = i + 1 < stats.histogram.size()
                       ? Timestamp::from_ns(stats.histogram[i + 1].start.ns() - 1)
                       : *expected.last;
    const auto count = [&](const std::vector<std::string>& of_statuses) {
      bucket.statuses = of_statuses;
      return model.list(bucket).total;
    };
    const auto count_if_asked = [&](const std::string& status) {
      const bool asked =
          opts.statuses.empty() ||
          std::find(opts.statuses.begin(), opts.statuses.end(), status) != opts.statuses.end();
      return asked ? count({status}) : 0;
    };
    RC_ASSERT(stats.histogram[i].total == count(opts.statuses));
    RC_ASSERT(stats.histogram[i].errors == count_if_asked("error"));
    RC_ASSERT(stats.histogram[i].denied == count_if_asked("denied"));
    RC_ASSERT(stats.histogram[i].pending == count_if_asked("pending"));
  }
}

void compare_groups(Store& store, const ModelStore& model) {
  GroupsOpts opts;
  opts.by = static_cast<GroupBy>(*rc::gen::inRange(0, 8));
  choose_filters(opts);
  opts.limit = *rc::gen::inRange<std::int64_t>(1, 8);
  const GroupsResult expected = model.groups(opts);
  const GroupsResult found = store.groups(opts, {}).value();
  RC_ASSERT(found.total == expected.total);
  RC_ASSERT(found.events == expected.events);
  RC_ASSERT(found.limit == expected.limit);
  RC_ASSERT(found.groups.size() == expected.groups.size());
  for (std::size_t i = 0; i < expected.groups.size(); ++i) {
    const Group& a = found.groups[i];
    const Group& b = expected.groups[i];
    RC_ASSERT(a.name == b.name);
    RC_ASSERT(a.events == b.events);
    RC_ASSERT(a.errors == b.errors);
    RC_ASSERT(a.denied == b.denied);
    RC_ASSERT(a.pending == b.pending);
    RC_ASSERT(a.first == b.first);
    RC_ASSERT(a.last == b.last);
    RC_ASSERT(a.duration.has_value() == b.duration.has_value());
    if (!b.duration) continue;
    RC_ASSERT(within_a_hundredth(a.duration->p50, b.duration->p50));
    RC_ASSERT(within_a_hundredth(a.duration->p95, b.duration->p95));
    RC_ASSERT(a.duration->max == b.duration->max);
  }
}

void compare_conversations(Store& store, const ModelStore& model) {
  ConversationsOpts opts;
  opts.since = maybe_instant();
  opts.until = maybe_instant();
  order_range(opts.since, opts.until);
  opts.agents = some_of(names);
  const auto expected = model.conversations(opts);
  auto found = store.conversations(opts, {}).value();
  RC_ASSERT(found.total == static_cast<std::int64_t>(expected.size()));
  // How equal ones are ordered is the store's own affair.
  for (std::size_t i = 1; i < found.conversations.size(); ++i) {
    RC_ASSERT(found.conversations[i - 1].last >= found.conversations[i].last);
  }
  std::sort(found.conversations.begin(), found.conversations.end(),
            [](const Conversation& a, const Conversation& b) {
              return a.last != b.last ? a.last > b.last : a.conversation_id < b.conversation_id;
            });
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Conversation& a = found.conversations[i];
    const Conversation& b = expected[i];
    RC_ASSERT(a.conversation_id == b.conversation_id);
    RC_ASSERT(a.events == b.events);
    RC_ASSERT(a.errors == b.errors);
    RC_ASSERT(a.denied == b.denied);
    RC_ASSERT(a.pending == b.pending);
    RC_ASSERT(a.first == b.first);
    RC_ASSERT(a.last == b.last);
    RC_ASSERT(a.agents == b.agents);
  }
}

void compare_all(Store& store, const ModelStore& model) {
  for (int question = 0; question < 6; ++question) compare_list(store, model);
  compare_stats(store, model);
  compare_groups(store, model);
  compare_conversations(store, model);
  compare_open_intents(store, model);
}

}  // namespace agentaudit::model_questions
