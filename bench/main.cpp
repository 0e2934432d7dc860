// agentaudit_bench [--json FILE] [--quick] [--only GROUP] [--events N]
//
// Measures the goals of docs/performance.md and their floors on this machine. Exit
// status 1: a goal does not hold. `--events` is the size of group trail.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "groups.h"

namespace agentaudit::bench {
namespace {

// Those that measure the memory of processes come first: the system counts what this one
// holds when it starts another as the other's.
constexpr std::array<Group, 12> groups = {{{"processes", measure_processes},
                                           {"trail", measure_trail},
                                           {"calls", measure_calls},
                                           {"ingest", measure_ingest},
                                           {"redact", measure_redact},
                                           {"emit", measure_emit},
                                           {"append", measure_append},
                                           {"million", measure_million},
                                           {"http", measure_http},
                                           {"mcp", measure_mcp},
                                           {"servers", measure_servers},
                                           {"fleet", measure_fleet}}};

// Fewer have no middle that is worth the name.
constexpr std::size_t trail_events_min = 1'000;

struct Arguments {
  std::string json;
  std::string only;
  std::size_t trail_events = 0;  // 0: as many as the goals are for
  bool quick = false;
};

Arguments arguments_of(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--quick") {
      arguments.quick = true;
    } else if ((name == "--json" || name == "--only") && i + 1 < argc) {
      (name == "--json" ? arguments.json : arguments.only) = argv[++i];
    } else if (name == "--events" && i + 1 < argc) {
      arguments.trail_events = whole_number(argv[++i]);
      if (arguments.trail_events < trail_events_min) give_up("--events takes 1000 or more");
    } else {
      give_up(
          "usage: agentaudit_bench [--json FILE] [--quick] [--events N] "
          "[--only "
          "processes|calls|ingest|redact|emit|append|million|http|mcp|servers|fleet|trail]");
    }
  }
  return arguments;
}

// Runs the groups asked for and prints their rows as they come.
std::vector<Row> measure(const Arguments& arguments) {
  const std::filesystem::path home = std::filesystem::canonical("/proc/self/exe").parent_path();
  const std::filesystem::path top = home / "data";
  Settings settings{.runs = arguments.quick ? 3 : 5,
                    .quick = arguments.quick,
                    .kept = top / "kept",
                    .agentaudit = home.parent_path() / "agentaudit"};
  settings.trail_events =
      arguments.trail_events > 0 ? arguments.trail_events : settings.scaled(10'000'000);
  std::filesystem::create_directories(settings.kept);
  std::vector<Row> rows;
  std::cout << table_head() << std::flush;
  for (const Group& group : groups) {
    if (!arguments.only.empty() && arguments.only != group.name) continue;
    settings.directory = top / group.name;
    std::filesystem::remove_all(settings.directory);
    std::filesystem::create_directories(settings.directory);
    for (Row& row : group.measure(settings)) {
      row.group = group.name;
      std::cout << table_line(row) << std::flush;
      rows.push_back(std::move(row));
    }
    std::filesystem::remove_all(settings.directory);
  }
  if (rows.empty()) give_up("there is no group named " + arguments.only);
  return rows;
}

int run(int argc, char** argv) {
  const Arguments arguments = arguments_of(argc, argv);
  const std::vector<Row> rows = measure(arguments);
  if (!arguments.json.empty() &&
      !(std::ofstream(arguments.json) << to_json(rows, arguments.quick)).flush()) {
    give_up("cannot write " + arguments.json);
  }
  int goals = 0;
  int held = 0;
  for (const Row& row : rows) {
    goals += row.goal ? 1 : 0;
    held += row.holds().value_or(false) ? 1 : 0;
  }
  std::cout << held << " of " << goals << " goals hold\n";
  return held == goals ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace agentaudit::bench

int main(int argc, char** argv) { return agentaudit::bench::run(argc, argv); }
