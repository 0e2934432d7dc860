// How many events of a series (a category, status, agent, source and target), and of a status,
// each period of a trail in PostgreSQL has, so that totals and statistics need not read them.
// docs/postgres.md is the format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"
#include "store/postgres_connection.h"

namespace agentaudit {

namespace postgres_counts {

// Expressions of WITH that add events to the counts: `counted` changes them. `added` is a question
// for rows (hour, category, status, agent, source, target, n), of which n may be negative.
[[nodiscard]] std::string counted(const std::string& added);
// What `added` asks for of rows that have an event's columns. `n` is "count(*)" or "-count(*)".
[[nodiscard]] std::string of_rows(const std::string& rows, const std::string& n);
// Forgets what has come to nothing. Statements.
[[nodiscard]] std::string forget_empty();
// How many periods' counts, and series, are not what the events add up to.
[[nodiscard]] Result<std::int64_t> wrong(PostgresConnection& connection);

// Filters: of a series, of an event.
struct Where {
  std::string series;
  std::string event;
  bool of_status_alone = false;  // whether that of a series is about nothing but its status
};
enum class End { first, last };
// The time of the first or last event in a period, as PostgresSpans names it. Errors besides:
// corrupt (there is none: the counts are wrong).
[[nodiscard]] Result<Timestamp> time_in(PostgresConnection& connection, std::int64_t period,
                                        const Where& where, End end);

}  // namespace postgres_counts

// What a batch adds to the counts. Not thread-safe.
class PostgresAddedCounts {
 public:
  // The event as it is stored, with its time and status.
  void add(const EventView& event);
  // Appends the statement that adds what is left to `sql`, and begins anew. Where names are long,
  // statements before it run at once: none is over a MiB and a row.
  [[nodiscard]] Result<void> finish(PostgresConnection& connection, std::string& sql);
  void forget() noexcept { rows_.clear(); }

 private:
  std::unordered_map<std::string, std::int64_t> rows_;  // by hour and series, as SQL writes them
};

// Spans of time in which events are counted, each by its place. Not thread-safe.
class PostgresSpans {
 public:
  // `by_counts`: whole hours are taken from the counts; otherwise every event is read, because
  // there is a filter that the counts do not know.
  explicit PostgresSpans(bool by_counts) : by_counts_(by_counts) {}

  // The next place: from `since` to `until`, both inclusive; where one is unset, without end.
  void add(std::optional<Timestamp> since, std::optional<Timestamp> until);

  // A question for rows (place, `columns` of a series, n, first, last, first_period, last_period)
  // of what meets the filters. Times are those of events that were read; periods are the counts'
  // first and last, for time_in.
  [[nodiscard]] std::string question(
      const postgres_counts::Where& where,
      std::string_view columns = "category, status, agent, source, target") const;

 private:
  struct Periods {
    std::size_t place = 0;
    int level = 0;
    std::int64_t first = 0;
    std::int64_t beyond = 0;
  };
  struct Edge {
    std::size_t place = 0;
    std::int64_t first_ns = 0;
    std::int64_t last_ns = 0;
  };
  void add_periods(int level, std::int64_t first, std::int64_t beyond);

  bool by_counts_;
  std::size_t places_ = 0;
  std::vector<Periods> periods_;
  std::vector<Edge> edges_;
};

}  // namespace agentaudit
