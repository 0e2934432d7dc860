#include "agentaudit/store/clickhouse_store.h"

#include "store/clickhouse_client.h"
#include "store/clickhouse_part_reader.h"
#include "store/clickhouse_questions.h"
#include "store/clickhouse_tables.h"
#include "store/clickhouse_verify.h"

namespace agentaudit {
namespace {

constexpr std::string_view read_only_text =
    "a fleet's ClickHouse is read here, not written; record into a local trail and ship it";

// Where no event is in two parts, before the question and after it, they are not merged.
template <typename Answer, typename Question>
Result<Answer> asked(const ClickhouseClient& client, ClickhousePartReader& parts,
                     const std::stop_token& stop, const Question& question) {
  constexpr int tries_max = 2;
  for (int i = 0; i < tries_max; ++i) {
    const auto before = parts.distinct(stop);
    if (!before) return fail(before.error());
    if (!before->has_value()) break;
    ClickhouseQuestion quick(client, ClickhouseQuestion::Repeats::none, stop);
    Result<Answer> answer = question(quick);
    const auto stands = parts.is_still_distinct(**before, stop);
    if (!stands) return fail(stands.error());
    if (*stands) return answer;
  }
  ClickhouseQuestion merged(client, ClickhouseQuestion::Repeats::merged, stop);
  return question(merged);
}

}  // namespace

ClickhouseStore::ClickhouseStore(std::unique_ptr<ClickhouseClient> client)
    : client_(std::move(client)), parts_(std::make_unique<ClickhousePartReader>(*client_)) {}
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

Result<FleetPage> ClickhouseStore::fleet_list(const ListOpts& opts, const std::stop_token& stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return asked<FleetPage>(*client_, *parts_, stop,
                          [&](ClickhouseQuestion& ask) { return ask.list(*valid); });
}

Result<ListResult> ClickhouseStore::list(const ListOpts& opts, std::stop_token stop) {
  auto answer = fleet_list(opts, stop);
  if (!answer) return fail(answer.error());
  return std::move(answer->page);
}

Result<Stats> ClickhouseStore::stats(const StatsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return asked<Stats>(*client_, *parts_, stop,
                      [&](ClickhouseQuestion& ask) { return ask.stats(*valid); });
}

Result<GroupsResult> ClickhouseStore::groups(const GroupsOpts& opts, std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return asked<GroupsResult>(*client_, *parts_, stop,
                             [&](ClickhouseQuestion& ask) { return ask.groups(*valid); });
}

Result<Event> ClickhouseStore::get(EventId id) {
  return asked<Event>(*client_, *parts_, {}, [&](ClickhouseQuestion& ask) { return ask.get(id); });
}

Result<ConversationsResult> ClickhouseStore::conversations(const ConversationsOpts& opts,
                                                           std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return asked<ConversationsResult>(
      *client_, *parts_, stop, [&](ClickhouseQuestion& ask) { return ask.conversations(*valid); });
}

Result<OpenIntentsResult> ClickhouseStore::open_intents(const OpenIntentsOpts& opts,
                                                        std::stop_token stop) {
  const auto valid = validated(opts);
  if (!valid) return fail(valid.error());
  return asked<OpenIntentsResult>(
      *client_, *parts_, stop, [&](ClickhouseQuestion& ask) { return ask.open_intents(*valid); });
}

Result<std::vector<FleetTrail>> ClickhouseStore::trails(const std::stop_token& stop,
                                                        std::chrono::nanoseconds silent_after) {
  const Timestamp silent_before = Timestamp::now().minus(silent_after);
  return asked<std::vector<FleetTrail>>(
      *client_, *parts_, stop, [&](ClickhouseQuestion& ask) { return ask.trails(silent_before); });
}

Result<Verification> ClickhouseStore::verify(const VerifyOpts& opts, const std::stop_token& stop) {
  return clickhouse_verify(*client_, opts, stop);
}

Result<IdRange> ClickhouseStore::insert_batch(std::span<const EventView> /*events*/) {
  return fail(ErrorCode::unsupported, std::string(read_only_text));
}

Result<std::int64_t> ClickhouseStore::prune_before(const PruneOpts& /*opts*/,
                                                   std::stop_token /*stop*/) {
  return fail(ErrorCode::unsupported,
              "a fleet's ClickHouse is not pruned here; drop its partitions, which are months");
}

Result<EventId> ClickhouseStore::last_id() {
  return asked<EventId>(*client_, *parts_, {},
                        [](ClickhouseQuestion& ask) { return ask.last_id(); });
}

Result<void> ClickhouseStore::close() { return {}; }

}  // namespace agentaudit
