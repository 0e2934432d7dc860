// The statements that answer a ClickhouseStore's questions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/store/clickhouse_store.h"
#include "store/clickhouse_client.h"
#include "store/clickhouse_page.h"
#include "store/clickhouse_slice.h"
#include "store/clickhouse_sums.h"
#include "store/histogram_steps.h"
#include "store/sql_where.h"

namespace agentaudit {

// One question, in one thread. Options are validated. The client must outlive it. Errors: those
// of ClickhouseClient::query, and what each question of EventReader says.
class ClickhouseQuestion {
 public:
  // Whether an event can be in the table twice: they are merged as they are read then (FINAL),
  // before the parts have merged too.
  enum class Repeats : std::uint8_t { merged, none };

  // What is known without reading events; none: it is not.
  struct Known {
    std::function<Result<std::optional<ClickhouseSums>>(ClickhouseSums::Of)> sums;
    std::function<Result<std::optional<ClickhouseCubes>>()> cubes;
  };

  ClickhouseQuestion(const ClickhouseClient& client, Repeats repeats, std::stop_token stop)
      : client_(client),
        trails_(client.address().trails),
        repeats_(repeats),
        stop_(std::move(stop)) {}

  void use(Known known) { known_ = std::move(known); }

  [[nodiscard]] Result<ListResult> list(const ListOpts& opts);
  [[nodiscard]] Result<Stats> stats(const StatsOpts& opts);
  [[nodiscard]] Result<GroupsResult> groups(const GroupsOpts& opts);
  [[nodiscard]] Result<Event> get(EventId id);
  [[nodiscard]] Result<EventId> last_id();
  // The note of the greatest size. Errors besides: not_found.
  [[nodiscard]] Result<std::string> checkpoint();
  [[nodiscard]] Result<ConversationsResult> conversations(const ConversationsOpts& opts);
  [[nodiscard]] Result<OpenIntentsResult> open_intents(const OpenIntentsOpts& opts);
  [[nodiscard]] Result<std::vector<FleetTrail>> trails(Timestamp silent_before);

 private:
  [[nodiscard]] Result<std::string> ask(const std::string& sql) const;
  [[nodiscard]] std::string from(std::string_view table) const;
  [[nodiscard]] std::string from_events(const SqlWhere& where) const;
  [[nodiscard]] Result<std::int64_t> count(std::string_view what, const SqlWhere& where) const;
  // Where an event of a page is.
  struct Place {
    std::string trail;
    EventId id = 0;
  };

  // Nothing where the condition is not that of all events, or it is not known.
  [[nodiscard]] Result<std::optional<ClickhouseSums>> sums(const SqlWhere& where,
                                                           ClickhouseSums::Of of) const;
  // Nothing where a filter is not one of cubes, or they are not known.
  template <typename Opts>
  [[nodiscard]] Result<std::optional<ClickhouseSlice>> slice(const Opts& opts,
                                                             const SqlWhere& where) const {
    if (!opts.conversation_id.empty()) return std::optional<ClickhouseSlice>();
    return slice(ClickhouseCube::Filter::of(opts), ClickhouseCube::Window::of(opts), where);
  }
  [[nodiscard]] Result<std::optional<ClickhouseSlice>> slice(ClickhouseCube::Filter filter,
                                                             const ClickhouseCube::Window& window,
                                                             const SqlWhere& where) const;
  [[nodiscard]] Result<void> read_edges(SqlWhere where, ClickhouseSlice& slice) const;
  [[nodiscard]] Result<clickhouse_page::Extent> extent(const SqlWhere& where,
                                                       const ListOpts& opts) const;
  [[nodiscard]] Result<std::vector<Place>> places(const SqlWhere& where,
                                                  const ListOpts& opts) const;
  [[nodiscard]] Result<void> read_events(const std::string& where, std::vector<Event>& events,
                                         std::vector<std::string>& trails) const;
  [[nodiscard]] Result<Stats> stats_of(const ClickhouseSums& sums, const StatsOpts& opts) const;
  [[nodiscard]] Result<std::int64_t> count_recent(const StatsOpts& opts, const Stats& stats) const;
  [[nodiscard]] Result<Stats> read_stats(const SqlWhere& where, const StatsOpts& opts) const;
  [[nodiscard]] Result<void> read_histogram(const SqlWhere& where, const HistogramSteps& cut,
                                            Stats& stats) const;
  [[nodiscard]] Result<std::vector<NameCount>> counts(std::string_view column,
                                                      const SqlWhere& where) const;

  const ClickhouseClient& client_;
  const std::vector<std::string>& trails_;
  Repeats repeats_;
  std::stop_token stop_;
  Known known_;  // without functions nothing is
};

}  // namespace agentaudit
