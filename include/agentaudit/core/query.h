// The questions that a trail answers, and the shapes of the answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/limits.h"
#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"

namespace agentaudit {

enum class Order {
  newest_first,  // by (timestamp, id), descending
  oldest_first,  // by (timestamp, id), ascending
  commit,        // by id, ascending: the order in which the store took them
};

enum class TotalMode {
  automatic,  // exact, except for a search that would need every row: then a lower
              // bound after a time budget or at the end of the question's time, with
              // total_exact = false
  exact,      // exact whatever it takes
  none,       // not counted: total = 0, total_exact = false
};

// An empty field does not filter. Values within a field are a union, fields
// intersect. Every field has an initialiser, so that designated ones can leave fields
// out without a warning.
struct ListOpts {
  std::vector<std::string> categories{};
  std::vector<std::string> statuses{};
  std::vector<std::string> agents{};
  std::vector<std::string> sources{};
  std::vector<std::string> exclude_sources{};
  std::vector<std::string> targets{};
  std::string conversation_id{};
  std::string trace_id{};
  // A substring of summary, target or detail; ASCII letters match in either case,
  // every other byte is literal (`%` and `_` too).
  std::string search{};
  std::optional<Timestamp> since{};  // inclusive
  std::optional<Timestamp> until{};  // inclusive

  std::int64_t limit = limits::page_events_default;  // 1 to limits::page_events_max; 0: the default
  std::int64_t offset = 0;
  // Where a page ended: ListResult::next_cursor of the same question. Pages by key,
  // so it is stable and never slows down. With Order::commit it is simply the last
  // id seen, in decimal.
  std::string cursor{};
  Order order = Order::newest_first;
  TotalMode total = TotalMode::automatic;
};

struct ListResult {
  std::vector<Event> events{};
  // Whose each of them is, where the store has several trails, whose ids repeat; else empty.
  std::vector<std::string> trails{};
  std::int64_t total = 0;  // events that match the filters, on all pages
  bool total_exact = true;
  std::int64_t limit = 0;     // as applied
  std::int64_t offset = 0;    // as applied
  std::string next_cursor{};  // empty: this was the last page
};

// The filters are those of ListOpts.
struct StatsOpts {
  std::optional<Timestamp> since{};  // inclusive
  std::optional<Timestamp> until{};  // inclusive
  std::vector<std::string> exclude_sources{};
  std::vector<std::string> categories{};
  std::vector<std::string> statuses{};
  std::vector<std::string> agents{};
  std::vector<std::string> sources{};
  std::vector<std::string> targets{};
  std::string conversation_id{};
  // The hour of events_last_hour ends here; not set: now.
  std::optional<Timestamp> now{};
  // More than 0: that many equal steps of time over the answer's events, at most 1,000.
  int histogram_buckets = 0;
};

struct NameCount {
  std::string name{};
  std::int64_t count = 0;

  friend bool operator==(const NameCount&, const NameCount&) = default;
};

struct HistogramBucket {
  Timestamp start{};
  std::int64_t total = 0;
  std::int64_t errors = 0;   // status error
  std::int64_t denied = 0;   // status denied
  std::int64_t pending = 0;  // status pending, whether it ended since or not

  friend bool operator==(const HistogramBucket&, const HistogramBucket&) = default;
};

// Lists are sorted by count, greatest first, then by name. Empty names count too.
struct Stats {
  std::int64_t total = 0;
  std::int64_t events_last_hour = 0;
  std::optional<Timestamp> first{};  // least and greatest timestamp; not set: no events
  std::optional<Timestamp> last{};
  std::vector<NameCount> by_category{};
  std::vector<NameCount> by_status{};
  std::vector<NameCount> by_agent{};
  std::vector<NameCount> by_source{};
  std::vector<NameCount> by_target{};
  std::vector<HistogramBucket> histogram{};

  friend bool operator==(const Stats&, const Stats&) = default;
};

// What the events of one group have in common.
enum class GroupBy : std::uint8_t {
  category,
  action,
  agent,
  status,
  source,
  target,
  principal,
  conversation,
};

// The filters are those of ListOpts.
struct GroupsOpts {
  GroupBy by = GroupBy::agent;
  std::optional<Timestamp> since{};  // inclusive
  std::optional<Timestamp> until{};  // inclusive
  std::vector<std::string> exclude_sources{};
  std::vector<std::string> categories{};
  std::vector<std::string> statuses{};
  std::vector<std::string> agents{};
  std::vector<std::string> sources{};
  std::vector<std::string> targets{};
  std::string conversation_id{};
  std::int64_t limit = limits::page_events_default;  // groups; 1 to limits::page_events_max
};

// Over the events with a duration above 0. A quantile is the least duration that so many
// of them do not exceed, at most 1 % off; the greatest is exact.
struct DurationQuantiles {
  std::chrono::milliseconds p50{};
  std::chrono::milliseconds p95{};
  std::chrono::milliseconds max{};

  friend bool operator==(const DurationQuantiles&, const DurationQuantiles&) = default;
};

struct Group {
  std::string name{};  // empty: the events that have none
  std::int64_t events = 0;
  std::int64_t errors = 0;
  std::int64_t denied = 0;
  std::int64_t pending = 0;  // events with status pending, ended since or not
  Timestamp first{};
  Timestamp last{};
  std::optional<DurationQuantiles> duration{};  // not set: no event has a duration above 0

  friend bool operator==(const Group&, const Group&) = default;
};

// Greatest count first, then by name.
struct GroupsResult {
  std::vector<Group> groups{};
  std::int64_t total = 0;   // groups, those beyond the limit too
  std::int64_t events = 0;  // of all groups
  std::int64_t limit = 0;   // as applied

  friend bool operator==(const GroupsResult&, const GroupsResult&) = default;
};

struct ConversationsOpts {
  std::optional<Timestamp> since{};  // of the events counted; inclusive
  std::optional<Timestamp> until{};  // inclusive
  std::vector<std::string> agents{};
  std::int64_t limit = limits::page_events_default;
  std::int64_t offset = 0;
};

struct Conversation {
  std::string conversation_id{};
  std::int64_t events = 0;
  std::int64_t errors = 0;
  std::int64_t denied = 0;
  std::int64_t pending = 0;  // events with status pending, ended since or not
  Timestamp first{};
  Timestamp last{};
  std::vector<std::string> agents{};  // sorted

  friend bool operator==(const Conversation&, const Conversation&) = default;
};

// Newest (greatest `last`) first. Events without a conversation are not in it.
struct ConversationsResult {
  std::vector<Conversation> conversations{};
  std::int64_t total = 0;
  std::int64_t limit = 0;
  std::int64_t offset = 0;
};

struct OpenIntentsOpts {
  std::optional<Timestamp> since{};  // of the intent; inclusive
  std::optional<Timestamp> until{};  // likewise
  std::vector<std::string> agents{};
  std::string conversation_id{};
  std::int64_t limit = limits::page_events_max;
};

struct OpenIntentsResult {
  std::vector<Event> events{};        // oldest first
  std::vector<std::string> trails{};  // as of ListResult
  std::int64_t total = 0;             // those beyond the limit too
  std::vector<NameCount> by_agent{};  // of the total; greatest count first, then by name
};

// Check a question and fill in its defaults (limit 0 → 50). Errors:
// invalid_argument, naming the field, the value and what is allowed.
[[nodiscard]] Result<ListOpts> validated(ListOpts opts);
[[nodiscard]] Result<StatsOpts> validated(StatsOpts opts);
[[nodiscard]] Result<GroupsOpts> validated(GroupsOpts opts);
[[nodiscard]] Result<ConversationsOpts> validated(ConversationsOpts opts);
[[nodiscard]] Result<OpenIntentsOpts> validated(OpenIntentsOpts opts);

}  // namespace agentaudit
