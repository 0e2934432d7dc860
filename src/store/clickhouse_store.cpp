#include "agentaudit/store/clickhouse_store.h"

#include <algorithm>

#include "store/clickhouse_client.h"
#include "store/clickhouse_questions.h"
#include "store/clickhouse_sql.h"
#include "store/clickhouse_tables.h"

namespace agentaudit {
namespace {

constexpr std::string_view read_only_text =
    "a fleet's ClickHouse is read here, not written; record into a local trail and ship it";

}  // namespace

ClickhouseStore::ClickhouseStore(std::unique_ptr<ClickhouseClient> client)
    : client_(std::move(client)) {}
ClickhouseStore::~ClickhouseStore() = default;

Result<std::unique_ptr<ClickhouseStore>> ClickhouseStore::open(std::string_view url,
                                                               std::chrono::milliseconds timeout) {
  auto address = ClickhouseAddress::parse(url);
  if (!address) return fail(address.error());
  address->timeout = timeout;
  auto client = open_clickhouse_tables(std::move(*address));
  if (!client) return fail(client.error());
  return std::unique_ptr<ClickhouseStore>(new ClickhouseStore(std::move(*client)));
}

Result<FleetPage> ClickhouseStore::fleet_list(const ListOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return ClickhouseQuestion(*client_, std::move(stop)).list(*valid);
}

Result<ListResult> ClickhouseStore::list(const ListOpts& opts, std::stop_token stop) {
  auto answer = fleet_list(opts, std::move(stop));
  if (!answer) return fail(answer.error());
  return std::move(answer->page);
}

Result<Stats> ClickhouseStore::stats(const StatsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return ClickhouseQuestion(*client_, std::move(stop)).stats(*valid);
}

Result<GroupsResult> ClickhouseStore::groups(const GroupsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return ClickhouseQuestion(*client_, std::move(stop)).groups(*valid);
}

Result<Event> ClickhouseStore::get(EventId id) { return ClickhouseQuestion(*client_, {}).get(id); }

Result<ConversationsResult> ClickhouseStore::conversations(const ConversationsOpts& opts,
                                                           std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return ClickhouseQuestion(*client_, std::move(stop)).conversations(*valid);
}

Result<OpenIntentsResult> ClickhouseStore::open_intents(const OpenIntentsOpts& opts,
                                                        std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return ClickhouseQuestion(*client_, std::move(stop)).open_intents(*valid);
}

Result<std::vector<FleetTrail>> ClickhouseStore::trails(const std::stop_token& stop,
                                                        std::chrono::nanoseconds silent_after) {
  return ClickhouseQuestion(*client_, stop).trails(Timestamp::now().minus(silent_after));
}

Result<std::shared_ptr<Store>> ClickhouseStore::of_trails(const std::vector<std::string>& ids) {
  ClickhouseAddress address = client_->address();
  const std::vector<std::string>& own = address.trails;
  for (const std::string& id : ids) {
    if (auto checked = clickhouse_sql::check_trail_id(id); !checked) return fail(checked.error());
    if (own.empty() || std::find(own.begin(), own.end(), id) != own.end()) continue;
    return fail(ErrorCode::invalid_argument,
                "trail " + id + " is none of those that are read here");
  }
  address.trails = ids;
  auto client = ClickhouseClient::make(std::move(address));
  if (!client) return fail(client.error());
  return std::shared_ptr<Store>(new ClickhouseStore(std::move(*client)));
}

Result<IdRange> ClickhouseStore::insert_batch(std::span<const EventView> /*events*/) {
  return fail(ErrorCode::unsupported, std::string(read_only_text));
}

Result<std::int64_t> ClickhouseStore::prune_before(const PruneOpts& /*opts*/,
                                                   std::stop_token /*stop*/) {
  return fail(ErrorCode::unsupported,
              "a fleet's ClickHouse is not pruned here; drop its partitions, which are months");
}

Result<EventId> ClickhouseStore::last_id() { return ClickhouseQuestion(*client_, {}).last_id(); }

Result<void> ClickhouseStore::close() { return {}; }

}  // namespace agentaudit
