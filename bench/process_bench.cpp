#include <array>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "agentaudit/core/event_json.h"
#include "cli/event_generator.h"
#include "groups.h"
#include "process.h"

namespace agentaudit::bench {
namespace {

constexpr std::string_view payload =
    R"({"session_id":"2bd58de8-2ab7-4d08-b69c-e83958d6b9f6","cwd":"/srv/demo/project",)"
    R"("hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls -l",)"
    R"("description":"List the files"},"tool_use_id":"toolu_00000046"})";

std::vector<Row> measure_hook(const Settings& settings) {
  const std::filesystem::path input = settings.directory / "payload.json";
  write_all(Descriptor(::open(input.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600)).get(), payload);
  const std::string trail = (settings.directory / "hook.db").native();
  const auto run = [&](const std::vector<std::string>& command) {
    const Descriptor opened(::open(input.c_str(), O_RDONLY));
    return Process(command, opened.get()).wait().milliseconds;
  };
  const Descriptor synced(
      ::open((settings.directory / "synced").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
  const std::string page(16U << 10U, 'x');
  const auto sync = [&] {
    return seconds_of([&] {
             write_all(synced.get(), page);
             if (fdatasync(synced.get()) != 0) give_up("cannot sync");
           }) *
           1e3;
  };

  std::vector<double> hooks;
  std::vector<double> bare;
  std::vector<double> syncs;
  const std::vector<std::string> hook = {settings.agentaudit.native(), "hook", "--store", trail};
  run(hook);  // makes the trail
  for (std::size_t i = 0; i < settings.scaled(500); ++i) {
    hooks.push_back(run(hook));
    bare.push_back(run({"/bin/true"}));
    syncs.push_back(sync());
  }
  const double floor = median(bare) + median(syncs);
  const double value = median(hooks);
  return {{.name = "hook, start to exit, p50 (floor: bare process and a sync)",
           .value = value,
           .unit = "ms",
           .floor = floor,
           .ratio = value / floor,
           .goal = value_at_most(10)},
          {.name = "hook, start to exit, p99", .value = percentile(hooks, 0.99), .unit = "ms"},
          {.name = "a bare process (/bin/true), p50", .value = median(bare), .unit = "ms"},
          {.name = "a sync of 16 KiB, p50", .value = median(syncs), .unit = "ms"}};
}

// Feeds the command events in JSON Lines through a pipe, made as they are written.
Exit fed(const std::vector<std::string>& command, std::size_t events) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) give_up("cannot make a pipe");
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const Process process(command, reading.get());
  reading.close();
  EventGenerator generator(3);
  std::string lines;
  for (std::size_t i = 0; i < events; ++i) {
    append_json(lines, generator.next());
    lines += '\n';
    if (lines.size() < (64U << 10U)) continue;
    write_all(writing.get(), lines);
    lines.clear();
  }
  write_all(writing.get(), lines);
  writing.close();
  return process.wait();
}

}  // namespace

std::vector<Row> measure_processes(const Settings& settings) {
  std::vector<Row> rows = measure_hook(settings);
  const std::string trail = (settings.directory / "record.db").native();
  const std::size_t events = settings.scaled(200'000);
  const double bare = fed({"/bin/cat"}, events).mebibytes;
  const Exit recorded = fed({settings.agentaudit.native(), "record", "--store", trail}, events);
  rows.push_back({.name = "record " + std::to_string(events) + " lines, peak memory (floor: cat)",
                  .value = recorded.mebibytes,
                  .unit = "MiB",
                  .floor = bare,
                  .ratio = recorded.mebibytes / bare,
                  .goal = value_at_most(48)});
  rows.push_back({.name = "record, lines from a pipe to durable",
                  .value = static_cast<double>(events) / recorded.milliseconds * 1e3,
                  .unit = "events/s"});
  const Exit listed =
      run_process({settings.agentaudit.native(), "list", "--json", "--store", trail});
  rows.push_back({.name = "list, peak memory",
                  .value = listed.mebibytes,
                  .unit = "MiB",
                  .goal = value_at_most(32)});
  rows.push_back({.name = "list of a fresh process", .value = listed.milliseconds, .unit = "ms"});
  return rows;
}

}  // namespace agentaudit::bench
