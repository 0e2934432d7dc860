// A large trail on a server of each kind: what people ask, and how long it takes.
#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "agentaudit/store/clickhouse_store.h"
#include "agentaudit/store/postgres_store.h"
#include "cli/event_generator.h"
#include "groups.h"
#include "ledger/hash.h"
#include "server_questions.h"
#include "store/clickhouse_server.h"
#include "store/clickhouse_writer.h"
#include "store/postgres_connection.h"
#include "store/postgres_server.h"

namespace agentaudit::bench {
namespace {

// What is written as events are; the rest are copies of it, each as much earlier as it is long.
constexpr std::size_t written_events = 200'000;

// Each with its events' ids and times moved.
std::string columns_moved(const std::string& list, const std::string& ids, const std::string& ns) {
  std::string columns = list;
  for (const auto& [name, moved] : {std::pair(std::string(" timestamp"), " timestamp - " + ns),
                                    std::pair(std::string(" recorded_at"), " recorded_at - " + ns),
                                    std::pair(std::string(" id"), " id + " + ids)}) {
    columns.replace(columns.find(name + ','), name.size(), moved);
  }
  return columns;
}

std::vector<Event> events_of(const Settings& settings) {
  return EventGenerator(1).take(std::min(written_events, settings.trail_events));
}

std::int64_t span_ns(const std::vector<Event>& events) {
  const auto [first, last] =
      std::minmax_element(events.begin(), events.end(),
                          [](const Event& a, const Event& b) { return a.timestamp < b.timestamp; });
  return last->timestamp.ns() - first->timestamp.ns() + 1;
}

// `copy(ids, ns)` appends the events that were written, moved by so much. How many there are then.
std::size_t multiply(
    const Settings& settings, const std::vector<Event>& events,
    const std::function<void(const std::string& ids, const std::string& ns)>& copy) {
  const std::size_t copies = settings.trail_events / events.size();
  const std::int64_t span = span_ns(events);
  for (std::size_t i = 1; i < copies; ++i) {
    copy(std::to_string(i * events.size()), std::to_string(static_cast<std::int64_t>(i) * span));
  }
  return copies * events.size();
}

void add_postgres(std::vector<Row>& rows, const Settings& settings, const PostgresServer& server) {
  const std::string url = server.url("fleet");
  const auto store = must(PostgresStore::open(url, {.query_timeout = std::chrono::minutes(10)}));
  const auto connection = must(PostgresConnection::open(url, {}));
  must(connection->run("DROP INDEX agentaudit_events_text"));
  const std::vector<Event> events = events_of(settings);
  const std::vector<EventView> views(events.begin(), events.end());
  for (std::size_t i = 0; i < views.size(); i += limits::batch_events_max) {
    must(store->insert_batch(
        std::span(views).subspan(i, std::min(limits::batch_events_max, views.size() - i))));
  }
  const std::string columns =
      " id, timestamp, recorded_at, category, action, agent, summary, detail, status, duration_ms,"
      " source, conversation, target, principal, trace_id, span_id, parent_span_id, nonce";
  const std::size_t count =
      multiply(settings, events, [&](const std::string& ids, const std::string& ns) {
        must(connection->run(
            "INSERT INTO agentaudit_events SELECT" + columns_moved(columns, ids, ns) +
            " FROM agentaudit_events WHERE id <= " + std::to_string(events.size())));
      });
  must(connection->ask("SELECT agentaudit_recount()"));
  must(connection->run("VACUUM ANALYZE"));
  const std::string name = of_events("PostgresStore", count);
  add_questions(rows, settings, name, *store);
  add_long_questions(rows, settings, name, *store);
}

void add_clickhouse(std::vector<Row>& rows, const Settings& settings,
                    const ClickhouseServer& server) {
  const auto client =
      must(ClickhouseClient::make(must(ClickhouseAddress::parse(server.url("default")))));
  make_clickhouse_tables(*client, "fleet");
  const std::vector<Event> events = events_of(settings);
  std::vector<RecordedEvent> recorded(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    recorded[i].event = events[i];
    recorded[i].event.id = static_cast<EventId>(i) + 1;
    recorded[i].recorded_at = events[i].timestamp;
    recorded[i].leaf = std::string(sizeof(Hash), 'l');  // nobody compares it here
  }
  const auto writer = must(ClickhouseWriter::open(server.url("fleet")));
  const std::string trail(32, 'a');
  for (std::size_t i = 0; i < recorded.size(); i += limits::batch_events_max) {
    must(writer->insert(trail, std::span(recorded).subspan(
                                   i, std::min(limits::batch_events_max, recorded.size() - i))));
  }
  const std::string columns =
      "trail, id, recorded_at, timestamp, category, action, agent, summary, detail, status,"
      " duration_ms, source, conversation, target, principal, trace_id, span_id, parent_span_id,"
      " leaf, nonce, erased_summary, erased_detail";
  const std::size_t count =
      multiply(settings, events, [&](const std::string& ids, const std::string& ns) {
        must(client->query("INSERT INTO fleet.events (" + columns + ") SELECT " +
                           columns_moved(columns, ids, ns) +
                           " FROM fleet.events WHERE id <= " + std::to_string(events.size())));
      });
  // A table at rest: what was loaded at once is merged in the background.
  constexpr int rests_max = 600;
  for (int i = 0;
       i < rests_max && must(client->query("SELECT count() FROM system.merges")) != "0\n"; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  const auto store = must(ClickhouseStore::open(server.url("fleet"), std::chrono::minutes(10)));
  const std::string name = of_events("ClickhouseStore", count);
  rows.push_back({.name = name + ": the first question of a process, a page",
                  .value = seconds_of([&] { must(store->list(ListOpts{})); }) * 1'000,
                  .unit = "ms"});
  add_questions(rows, settings, name, *store);
  for (const char* const which : {"first", "second"}) {
    rows.push_back(
        {.name = name + ": the " + which + " question of a process with a filter",
         .value = seconds_of([&] { must(store->stats({.statuses = {"error"}})); }) * 1'000,
         .unit = "ms"});
  }
  add_long_questions(rows, settings, name, *store);
}

}  // namespace

std::vector<Row> measure_fleet(const Settings& settings) {
  std::vector<Row> rows;
  if (const PostgresServer* const server = PostgresServer::shared()) {
    add_postgres(rows, settings, *server);
  }
  if (const ClickhouseServer* const server = ClickhouseServer::shared()) {
    add_clickhouse(rows, settings, *server);
  }
  return rows;
}

}  // namespace agentaudit::bench
