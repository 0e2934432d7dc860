// Trails on a server: what the ledger, ids and keys cost above a bare load of the same rows.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agentaudit/store/clickhouse_store.h"
#include "agentaudit/store/postgres_store.h"
#include "agentaudit/store/sqlite_store.h"
#include "cli/event_generator.h"
#include "groups.h"
#include "ledger/hash.h"
#include "server_questions.h"
#include "store/clickhouse_server.h"
#include "store/clickhouse_writer.h"
#include "store/postgres_connection.h"
#include "store/postgres_server.h"
#include "store/recorded_ahead.h"

namespace agentaudit::bench {
namespace {

constexpr std::string_view empty_sql =
    "TRUNCATE agentaudit_events, agentaudit_tiles, agentaudit_origins, agentaudit_counts,"
    " agentaudit_series, agentaudit_status_counts;UPDATE agentaudit_trail SET last_id = 0";

// COPY of the server from a file of its own into the same tables, with the same indexes.
Row postgres_append(const Settings& settings, std::size_t count, std::size_t batch_events) {
  PostgresServer* const server = PostgresServer::shared();
  const std::string url = server->url("bench");
  const auto store = must(PostgresStore::open(url));
  const auto connection = must(PostgresConnection::open(url, {}));
  const std::vector<Event> events = EventGenerator(1).take(count);
  const std::vector<EventView> views(events.begin(), events.end());
  const std::string rows = server->directory() + "/rows";
  const auto append = [&] {
    for (std::size_t i = 0; i < count; i += batch_events) {
      must(store->insert_batch(std::span(views).subspan(i, std::min(batch_events, count - i))));
    }
  };
  must(connection->run(std::string(empty_sql)));
  append();
  must(connection->run("COPY (SELECT * FROM agentaudit_events ORDER BY id) TO '" + rows +
                       "' (FORMAT binary)"));
  const auto per_second = [&](double seconds) { return static_cast<double>(count) / seconds; };
  return compared(
      "PostgresStore: append, " + std::to_string(batch_events) + " a batch, beside a bare COPY",
      "events/s", settings.runs,
      [&] {
        must(connection->run(std::string(empty_sql)));
        return per_second(seconds_of(append));
      },
      [&] {
        must(connection->run(std::string(empty_sql)));
        return per_second(seconds_of([&] {
          must(connection->run("COPY agentaudit_events FROM '" + rows + "' (FORMAT binary)"));
        }));
      },
      ratio_at_least(0.5));
}

// From a trail in a file, as `ship` does, beside one INSERT of the same rows.
Row clickhouse_ship(const Settings& settings, std::size_t count) {
  const ClickhouseServer* const server = ClickhouseServer::shared();
  const auto client =
      must(ClickhouseClient::make(must(ClickhouseAddress::parse(server->url("default")))));
  make_clickhouse_tables(*client, "bench");
  const auto writer = must(ClickhouseWriter::open(server->url("bench")));
  const auto trail = must(SqliteStore::open(settings.directory / "shipped.db"));
  const std::vector<Event> events = EventGenerator(1).take(count);
  for (std::size_t i = 0; i < count; i += limits::batch_events_max) {
    const std::vector<EventView> views(events.begin() + static_cast<std::ptrdiff_t>(i),
                                       events.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                            count, i + limits::batch_events_max)));
    must(trail->insert_batch(views));
  }
  const std::string trail_id = must(trail->trail_id());
  const auto ship = [&] {
    RecordedAhead ahead(*trail, 0, recorded_events_max, {});
    while (true) {
      const auto recorded = must(ahead.next());
      if (recorded.empty()) return;
      must(writer->insert(trail_id, recorded));
    }
  };
  const std::string insert = "INSERT INTO bench.events FORMAT RowBinary";
  ship();
  const std::string rows = must(client->query("SELECT * FROM bench.events FORMAT RowBinary"));
  const auto per_second = [&](double seconds) { return static_cast<double>(count) / seconds; };
  return compared(
      "ship to ClickHouse, beside a bare RowBinary insert", "events/s", settings.runs,
      [&] {
        must(client->query("TRUNCATE TABLE bench.events"));
        return per_second(seconds_of(ship));
      },
      [&] {
        must(client->query("TRUNCATE TABLE bench.events"));
        return per_second(seconds_of([&] { must(client->insert(insert, rows)); }));
      },
      ratio_at_least(0.5));
}

// Of what the measurement before left there; then what its index of trigrams costs.
void measure_postgres_trail(std::vector<Row>& rows, const Settings& settings,
                            const std::string& url, std::size_t count) {
  const std::string name = of_events("PostgresStore", count);
  const auto connection = must(PostgresConnection::open(url, {}));
  const auto bytes = [&](const std::string& function) {
    return static_cast<double>(
               must(connection->number("SELECT sum(" + function +
                                       "(inhrelid))::bigint FROM pg_inherits"
                                       " WHERE inhparent = 'agentaudit_events'::regclass"))) /
           static_cast<double>(count);
  };
  // The last load left the events alone.
  must(connection->ask("SELECT agentaudit_recount()"));
  rows.push_back({.name = name + ": rows", .value = bytes("pg_table_size"), .unit = "bytes/event"});
  rows.push_back(
      {.name = name + ": indexes", .value = bytes("pg_indexes_size"), .unit = "bytes/event"});
  const auto store = must(PostgresStore::open(url));
  add_questions(rows, settings, name, *store);
  const std::string file = PostgresServer::shared()->directory() + "/rows";
  const auto load = [&](const std::string& schema) {
    const auto into = must(PostgresConnection::open(PostgresServer::shared()->url(schema), {}));
    must(into->run(std::string(empty_sql)));
    return static_cast<double>(count) / seconds_of([&] {
             must(into->run("COPY agentaudit_events FROM '" + file + "' (FORMAT binary)"));
           });
  };
  const std::string plain = PostgresServer::shared()->url("bench_plain");
  (void)must(PostgresStore::open(plain));
  must(must(PostgresConnection::open(plain, {}))->run("DROP INDEX agentaudit_events_text"));
  rows.push_back(compared(
      "PostgreSQL: COPY without the index of trigrams, beside with it", "events/s", settings.runs,
      [&] { return load("bench_plain"); }, [&] { return load("bench"); }, {}));
}

void measure_clickhouse_trail(std::vector<Row>& rows, const Settings& settings,
                              const std::string& url, std::size_t count) {
  const std::string name = of_events("ClickhouseStore", count);
  const auto client = must(ClickhouseClient::make(must(ClickhouseAddress::parse(url))));
  const std::string bytes =
      must(client->query("SELECT toString(sum(bytes_on_disk)) FROM system.parts WHERE active AND"
                         " database = 'bench' AND table = 'events' FORMAT TabSeparated"));
  rows.push_back({.name = name + ": on disk",
                  .value = std::stod(bytes) / static_cast<double>(count),
                  .unit = "bytes/event"});
  const auto store = must(ClickhouseStore::open(url));
  add_questions(rows, settings, name, *store);
}

}  // namespace

std::vector<Row> measure_servers(const Settings& settings) {
  std::vector<Row> rows;
  if (const PostgresServer* const server = PostgresServer::shared()) {
    rows.push_back(postgres_append(settings, settings.scaled(50'000), 1'000));
    rows.push_back(postgres_append(settings, settings.scaled(50'000), 10'000));
    measure_postgres_trail(rows, settings, server->url("bench"), settings.scaled(50'000));
  }
  if (const ClickhouseServer* const server = ClickhouseServer::shared()) {
    rows.push_back(clickhouse_ship(settings, settings.scaled(200'000)));
    measure_clickhouse_trail(rows, settings, server->url("bench"), settings.scaled(200'000));
  }
  return rows;
}

}  // namespace agentaudit::bench
