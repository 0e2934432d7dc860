// Pieces of SQL for ClickHouse, and rows of its answers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/query.h"
#include "store/row_binary.h"

namespace agentaudit::clickhouse_sql {

// Of a database or cluster: letters, digits and _, not first a digit, at most 64.
[[nodiscard]] bool is_name(std::string_view name) noexcept;
// 32 lower-case hex digits.
[[nodiscard]] bool is_trail_id(std::string_view text) noexcept;

// Any bytes as a literal.
[[nodiscard]] std::string literal(std::string_view bytes);
[[nodiscard]] std::string list(std::span<const std::string> values);

// A conjunction that grows; empty: 1.
class Where {
 public:
  void add(std::string condition);
  void among(std::string_view column, std::span<const std::string> values);
  void not_among(std::string_view column, std::span<const std::string> values);
  void equals(std::string_view column, std::string_view value);  // an empty one does not filter
  void within(std::optional<Timestamp> since, std::optional<Timestamp> until);
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_ = "1";
};

// The filters that all questions about events have.
template <typename Opts>
[[nodiscard]] Where where_of(std::span<const std::string> trails, const Opts& opts) {
  Where where;
  where.among("trail", trails);
  where.among("category", opts.categories);
  where.among("status", opts.statuses);
  where.among("agent", opts.agents);
  where.among("source", opts.sources);
  where.not_among("source", opts.exclude_sources);
  where.among("target", opts.targets);
  where.equals("conversation", opts.conversation_id);
  where.within(opts.since, opts.until);
  return where;
}

// The columns of an event, as read_event takes them.
inline constexpr std::string_view event_columns =
    "id, timestamp, category, action, agent, summary, detail, status, duration_ms, source, "
    "conversation, target, principal, trace_id, span_id, parent_span_id";
// A view of the answer that the reader reads.
[[nodiscard]] EventView read_event(RowBinaryReader& reader);

}  // namespace agentaudit::clickhouse_sql
