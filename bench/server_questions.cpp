#include "server_questions.h"

#include <chrono>
#include <functional>
#include <sstream>
#include <utility>

#include "store/clickhouse_schema.h"

namespace agentaudit::bench {

void add_question(std::vector<Row>& rows, const Settings& settings, const std::string& name,
                  const std::function<void()>& ask) {
  std::vector<double> times;
  for (int run = 0; run < settings.runs; ++run) times.push_back(seconds_of(ask) * 1'000);
  rows.push_back({.name = name, .value = median(std::move(times)), .unit = "ms"});
}

void add_questions(std::vector<Row>& rows, const Settings& settings, const std::string& name,
                   EventReader& store) {
  const auto add = [&](const std::string& question, const std::function<void()>& ask) {
    add_question(rows, settings, name + ": " + question, ask);
  };
  add("the newest page", [&] { must(store.list({.total = TotalMode::exact}, {})); });
  add("statistics", [&] { must(store.stats(StatsOpts{})); });
  add("a search that finds nothing",
      [&] { must(store.list({.search = "no such text", .total = TotalMode::exact}, {})); });
}

void add_long_questions(std::vector<Row>& rows, const Settings& settings, const std::string& name,
                        EventReader& store) {
  add_question(rows, settings, name + ": statistics with a histogram",
               [&] { must(store.stats({.histogram_buckets = 60}, {})); });
  add_question(rows, settings, name + ": statistics of one status",
               [&] { must(store.stats({.statuses = {"error"}}, {})); });
  const Stats all = must(store.stats(StatsOpts{}, {}));
  if (all.total == 0) give_up(name + " has no events");
  const std::chrono::nanoseconds quarter((all.last->ns() - all.first->ns()) / 4);
  const StatsOpts half = {.since = all.first->minus(-quarter),
                          .until = all.last->minus(quarter),
                          .agents = {"researcher"},
                          .histogram_buckets = 60};
  add_question(rows, settings, name + ": statistics of an agent in half of the time, histogram",
               [&] { must(store.stats(half, {})); });
  add_question(rows, settings, name + ": the newest page of an agent", [&] {
    must(store.list({.agents = {"researcher"}, .total = TotalMode::exact}, {}));
  });
}

std::string of_events(const std::string& store, std::size_t count) {
  return store + ", " + std::to_string(count) + " events";
}

void make_clickhouse_tables(const ClickhouseClient& client, const std::string& database) {
  std::istringstream ddl(must(clickhouse_schema::ddl({.database = database})));
  for (std::string statement; std::getline(ddl, statement, ';');) {
    if (statement.find("CREATE") != std::string::npos) must(client.query(statement));
  }
}

}  // namespace agentaudit::bench
