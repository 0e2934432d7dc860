// SqlWhere: the filters of a question as a condition of SQL, in a server's dialect.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// How a server writes values. The functions are pure.
struct SqlDialect {
  std::string (*text)(std::string_view bytes) = nullptr;
  std::string (*number)(std::int64_t value) = nullptr;  // as 64 bits wide
  std::string_view always;                              // a condition that every row meets
};

// A conjunction that grows. Not thread-safe; the dialect must outlive it.
class SqlWhere {
 public:
  explicit SqlWhere(const SqlDialect& dialect) : dialect_(&dialect), text_(dialect.always) {}

  void add(const std::string& condition);
  // Empty lists and values do not filter.
  void among(std::string_view column, std::span<const std::string> values);
  void not_among(std::string_view column, std::span<const std::string> values);
  void equals(std::string_view column, std::string_view value);
  void within(std::optional<Timestamp> since, std::optional<Timestamp> until);
  // A condition of an event's time alone.
  void add_time(const std::string& condition);
  // The filters that all questions about events have.
  template <typename Opts>
  void filter(const Opts& opts) {
    filter_series(opts);
    equals("conversation", opts.conversation_id);
    within(opts.since, opts.until);
  }
  // Those of them that ask for names of which there are few.
  template <typename Opts>
  void filter_series(const Opts& opts) {
    among("category", opts.categories);
    among("status", opts.statuses);
    among("agent", opts.agents);
    among("source", opts.sources);
    not_among("source", opts.exclude_sources);
    among("target", opts.targets);
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // Those conditions in it that are of time alone; empty: there are none.
  [[nodiscard]] const std::string& time() const noexcept { return time_; }

 private:
  [[nodiscard]] std::string list(std::span<const std::string> values) const;

  const SqlDialect* dialect_;
  std::string text_;
  std::string time_;
};

}  // namespace agentaudit
