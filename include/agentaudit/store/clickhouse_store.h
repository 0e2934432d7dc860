// ClickhouseStore: the trails of a fleet in ClickHouse, for reading. docs/clickhouse.md has
// the tables; `agentaudit schema clickhouse` prints what makes them.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/store/store.h"

namespace agentaudit {

class ClickhouseClient;

// Safe from any thread. It keeps no snapshot: the page and the total of one answer are two
// statements, and what arrives between them is in one alone. A repeated delivery is never
// counted twice. Events cannot be written or pruned here (unsupported).
class ClickhouseStore final : public Store {
 public:
  using Store::list;
  using Store::prune_before;
  using Store::stats;

  // `clickhouse://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE[?trail=ID&trail=ID…]`, and
  // `clickhouses://` over TLS; no trail: all of them. Errors: invalid_argument (the URL), busy
  // (nobody answers), permission, not_found (no such database or table), not_a_trail (a table
  // that was altered), parse (no ClickHouse), deadline.
  [[nodiscard]] static Result<std::unique_ptr<ClickhouseStore>> open(
      std::string_view url, std::chrono::milliseconds timeout = std::chrono::seconds(60));
  ~ClickhouseStore() override;

  // Over several trails, order is by (timestamp, id, trail); in commit order it is trail by
  // trail.
  [[nodiscard]] Result<ListResult> list(const ListOpts& opts, std::stop_token stop) override;
  [[nodiscard]] Result<Stats> stats(const StatsOpts& opts, std::stop_token stop) override;
  [[nodiscard]] Result<GroupsResult> groups(const GroupsOpts& opts, std::stop_token stop) override;
  // Errors besides: invalid_argument (the id is in several trails; name one in the URL).
  [[nodiscard]] Result<Event> get(EventId id) override;
  [[nodiscard]] Result<ConversationsResult> conversations(const ConversationsOpts& opts,
                                                          std::stop_token stop) override;
  [[nodiscard]] Result<OpenIntentsResult> open_intents(const OpenIntentsOpts& opts,
                                                       std::stop_token stop) override;
  [[nodiscard]] Result<std::vector<FleetTrail>> trails(
      const std::stop_token& stop, std::chrono::nanoseconds silent_after) override;
  [[nodiscard]] Result<std::shared_ptr<Store>> of_trails(
      const std::vector<std::string>& ids) override;

  [[nodiscard]] Result<IdRange> insert_batch(std::span<const EventView> events) override;
  [[nodiscard]] Result<std::int64_t> prune_before(const PruneOpts& opts,
                                                  std::stop_token stop) override;
  [[nodiscard]] Result<PruneCounts> preview_prune(const PruneOpts& opts,
                                                  const std::stop_token& stop) override;
  // Of the one trail that the URL names: whether each row gives its leaf, and the leaves the
  // roots of the checkpoints. All events are compared. What has not arrived yet, and checkpoints
  // over events that were pruned, count as incomplete. Errors: unsupported (of several trails),
  // not_found (nothing of the trail is here).
  [[nodiscard]] Result<Verification> verify(const VerifyOpts& opts,
                                            const std::stop_token& stop) override;
  // Of the one trail that the URL names.
  [[nodiscard]] Result<EventId> last_id() override;
  // Likewise.
  [[nodiscard]] Result<std::string> trail_id() override;
  // Likewise; one that was shipped, as it was signed. Errors besides: not_found.
  [[nodiscard]] Result<std::string> checkpoint() override;
  // Likewise; by the leaves that were shipped, all of which have to be here: the first proof reads
  // them. By the newest checkpoint that was shipped and covers no event that is missing at the
  // end. Errors besides: unsupported (of several trails), not_found (an event before the end is
  // not here).
  [[nodiscard]] Result<std::string> bundle(const BundleOpts& opts) override;
  [[nodiscard]] Result<TileCounts> tiles(const TileOpts& opts,
                                         const std::stop_token& stop) override;
  // A question that is being answered goes on; every later one fails.
  [[nodiscard]] Result<void> close() override;

 private:
  struct State;
  explicit ClickhouseStore(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace agentaudit
