// The columns of an event that servers of SQL have in common, and rows of their answers.
#pragma once

#include <cstdint>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/query.h"

namespace agentaudit::sql_columns {

// As read_event takes them.
inline constexpr std::string_view of_event =
    "id, timestamp, category, action, agent, summary, detail, status, duration_ms, source, "
    "conversation, target, principal, trace_id, span_id, parent_span_id";

[[nodiscard]] constexpr std::string_view of(GroupBy by) {
  switch (by) {
    case GroupBy::category: return "category";
    case GroupBy::action: return "action";
    case GroupBy::agent: return "agent";
    case GroupBy::status: return "status";
    case GroupBy::source: return "source";
    case GroupBy::target: return "target";
    case GroupBy::principal: return "principal";
    case GroupBy::conversation: break;
  }
  return "conversation";
}

// `Row` gives its values one after the other: number() and text(). `To` is Event, or EventView
// where the row's texts are views of what outlives it.
template <typename To, typename Row>
[[nodiscard]] To read_event(Row& row) {
  To event;
  event.id = row.number();
  event.timestamp = Timestamp::from_ns(row.number());
  event.category = row.text();
  event.action = row.text();
  event.agent = row.text();
  event.summary = row.text();
  event.detail = row.text();
  event.status = row.text();
  event.duration = std::chrono::milliseconds(row.number());
  event.source = row.text();
  event.conversation_id = row.text();
  event.target = row.text();
  event.principal = row.text();
  event.trace_id = row.text();
  event.span_id = row.text();
  event.parent_span_id = row.text();
  return event;
}

// How many events there are, and how many of them with each status that is told apart.
template <typename Row, typename Counts>
void read_status_counts(Row& row, std::int64_t& all, Counts& counts) {
  all = row.number();
  counts.errors = row.number();
  counts.denied = row.number();
  counts.pending = row.number();
}

}  // namespace agentaudit::sql_columns
