#include "agentaudit/store/clickhouse_store.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "core/fork_guard.h"
#include "core/trail_id.h"
#include "store/clickhouse_client.h"
#include "store/clickhouse_part_reader.h"
#include "store/clickhouse_proof.h"
#include "store/clickhouse_questions.h"
#include "store/clickhouse_sql.h"
#include "store/clickhouse_tables.h"
#include "store/clickhouse_tree.h"
#include "store/clickhouse_verify.h"

namespace agentaudit {
namespace {

constexpr std::string_view read_only_text =
    "a fleet's ClickHouse is read here, not written; record into a local trail and ship it";
constexpr std::string_view not_pruned_text =
    "a fleet's ClickHouse is not pruned here; drop its partitions, which are months";

}  // namespace

struct ClickhouseStore::State {
  using Shared = std::shared_ptr<ClickhousePartReader::Shared>;
  explicit State(std::unique_ptr<ClickhouseClient> of) : client(std::move(of)), parts(*client) {}
  State(std::unique_ptr<ClickhouseClient> of, Shared shared)
      : client(std::move(of)), parts(*client, std::move(shared)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  // What is libcurl's stays as it is in a child of fork: its connections are the parent's.
  ~State() {
    if (fork_guard.in_child()) (void)client.release();
  }

  // Errors: closed.
  [[nodiscard]] Result<void> check_open() const {
    if (is_closed || fork_guard.in_child()) return fail(ErrorCode::closed, "the store was closed");
    return {};
  }

  // Where no event is in two parts, before the question and after it, they are not merged.
  template <typename Answer, typename Question>
  Result<Answer> asked(const std::stop_token& stop, const Question& question) {
    if (auto open = check_open(); !open) return fail(open.error());
    constexpr int tries_max = 2;
    for (int i = 0; i < tries_max; ++i) {
      const auto before = parts.distinct(stop);
      if (!before) return fail(before.error());
      if (!before->has_value()) break;
      ClickhouseQuestion quick(*client, ClickhouseQuestion::Repeats::none, stop);
      quick.use({.sums = [&](auto of) { return parts.sums(**before, of, stop); },
                 .cubes = [&] { return parts.cubes(**before, stop); }});
      Result<Answer> answer = question(quick);
      const auto stands = parts.is_still_distinct(**before, stop);
      if (!stands) return fail(stands.error());
      if (*stands) return answer;
    }
    ClickhouseQuestion merged(*client, ClickhouseQuestion::Repeats::merged, stop);
    return question(merged);
  }

  // For what is the same however often a row is there.
  [[nodiscard]] ClickhouseQuestion of_any() const {
    return {*client, ClickhouseQuestion::Repeats::none, {}};
  }

  ForkGuard fork_guard;
  std::atomic<bool> is_closed = false;
  std::unique_ptr<ClickhouseClient> client;
  ClickhousePartReader parts;
  ClickhouseTree tree{*client};  // of the one trail, where there is one
};

ClickhouseStore::ClickhouseStore(std::unique_ptr<State> state) : state_(std::move(state)) {}

ClickhouseStore::~ClickhouseStore() = default;

Result<std::unique_ptr<ClickhouseStore>> ClickhouseStore::open(std::string_view url,
                                                               std::chrono::milliseconds timeout) {
  auto address = ClickhouseAddress::parse(url);
  if (!address) return fail(address.error());
  address->timeout = timeout;
  auto client = open_clickhouse_tables(std::move(*address));
  if (!client) return fail(client.error());
  return std::unique_ptr<ClickhouseStore>(
      new ClickhouseStore(std::make_unique<State>(std::move(*client))));
}

Result<ListResult> ClickhouseStore::list(const ListOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return state_->asked<ListResult>(stop, [&](ClickhouseQuestion& ask) { return ask.list(*valid); });
}

Result<Stats> ClickhouseStore::stats(const StatsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return state_->asked<Stats>(stop, [&](ClickhouseQuestion& ask) { return ask.stats(*valid); });
}

Result<GroupsResult> ClickhouseStore::groups(const GroupsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return state_->asked<GroupsResult>(stop,
                                     [&](ClickhouseQuestion& ask) { return ask.groups(*valid); });
}

Result<Event> ClickhouseStore::get(EventId id) {
  if (auto open = state_->check_open(); !open) return fail(open.error());
  return state_->of_any().get(id);
}

Result<ConversationsResult> ClickhouseStore::conversations(const ConversationsOpts& opts,
                                                           std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return state_->asked<ConversationsResult>(
      stop, [&](ClickhouseQuestion& ask) { return ask.conversations(*valid); });
}

Result<OpenIntentsResult> ClickhouseStore::open_intents(const OpenIntentsOpts& opts,
                                                        std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return state_->asked<OpenIntentsResult>(
      stop, [&](ClickhouseQuestion& ask) { return ask.open_intents(*valid); });
}

Result<std::vector<FleetTrail>> ClickhouseStore::trails(const std::stop_token& stop,
                                                        std::chrono::nanoseconds silent_after) {
  const Timestamp silent_before = Timestamp::now().minus(silent_after);
  return state_->asked<std::vector<FleetTrail>>(
      stop, [&](ClickhouseQuestion& ask) { return ask.trails(silent_before); });
}

Result<Verification> ClickhouseStore::verify(const VerifyOpts& opts, const std::stop_token& stop) {
  if (auto open = state_->check_open(); !open) return fail(open.error());
  return clickhouse_verify(*state_->client, opts, stop);
}

Result<std::shared_ptr<Store>> ClickhouseStore::of_trails(const std::vector<std::string>& ids) {
  if (auto open = state_->check_open(); !open) return fail(open.error());
  ClickhouseAddress address = state_->client->address();
  const std::vector<std::string>& own = address.trails;
  for (const std::string& id : ids) {
    if (auto checked = check_trail_id(id); !checked) return fail(checked.error());
    if (own.empty() || std::find(own.begin(), own.end(), id) != own.end()) continue;
    return fail(ErrorCode::invalid_argument,
                "trail " + id + " is none of those that are read here");
  }
  address.trails = ids;
  auto client = ClickhouseClient::make(std::move(address));
  if (!client) return fail(client.error());
  return std::shared_ptr<Store>(
      new ClickhouseStore(std::make_unique<State>(std::move(*client), state_->parts.shared())));
}

Result<IdRange> ClickhouseStore::insert_batch(std::span<const EventView> /*events*/) {
  if (auto open = state_->check_open(); !open) return fail(open.error());
  return fail(ErrorCode::unsupported, std::string(read_only_text));
}

Result<std::int64_t> ClickhouseStore::prune_before(const PruneOpts& /*opts*/,
                                                   std::stop_token /*stop*/) {
  if (auto open = state_->check_open(); !open) return fail(open.error());
  return fail(ErrorCode::unsupported, std::string(not_pruned_text));
}

Result<PruneCounts> ClickhouseStore::preview_prune(const PruneOpts& /*opts*/,
                                                   const std::stop_token& /*stop*/) {
  if (auto open = state_->check_open(); !open) return fail(open.error());
  return fail(ErrorCode::unsupported, std::string(not_pruned_text));
}

Result<EventId> ClickhouseStore::last_id() {
  if (auto open = state_->check_open(); !open) return fail(open.error());
  return state_->of_any().last_id();
}

Result<std::string> ClickhouseStore::trail_id() {
  if (auto open = state_->check_open(); !open) return fail(open.error());
  const std::vector<std::string>& trails = state_->client->address().trails;
  if (trails.size() == 1) return trails.front();
  return fail(ErrorCode::unsupported,
              "a fleet has several trails; name one in the URL (?trail=ID)");
}

Result<std::string> ClickhouseStore::checkpoint() {
  if (const auto trail = trail_id(); !trail) return fail(trail.error());
  return state_->of_any().checkpoint();
}

Result<std::string> ClickhouseStore::bundle(const BundleOpts& opts) {
  if (const auto trail = trail_id(); !trail) return fail(trail.error());
  return clickhouse_bundle(*state_->client, state_->tree, opts);
}

Result<TileCounts> ClickhouseStore::tiles(const TileOpts& opts, const std::stop_token& stop) {
  if (const auto trail = trail_id(); !trail) return fail(trail.error());
  return clickhouse_tiles(*state_->client, state_->tree, opts, stop);
}

Result<void> ClickhouseStore::close() {
  if (state_->fork_guard.in_child()) return state_->check_open();
  state_->is_closed = true;
  return {};
}

}  // namespace agentaudit
