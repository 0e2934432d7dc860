#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/timestamp.h"
#include "agentaudit/ingest/hook.h"
#include "cli/event_generator.h"
#include "groups.h"

namespace agentaudit::bench {
namespace {

void write_event_as_json(benchmark::State& state) {
  const Event event = EventGenerator(6).next();
  std::string json;
  for ([[maybe_unused]] const auto& iteration : state) {
    json.clear();
    append_json(json, event);
    benchmark::DoNotOptimize(json.data());
  }
}

void read_event_from_json(benchmark::State& state) {
  const std::string json = to_json(EventGenerator(6).next());
  for ([[maybe_unused]] const auto& iteration : state) {
    benchmark::DoNotOptimize(event_from_json(json));
  }
}

void read_timestamp(benchmark::State& state) {
  for ([[maybe_unused]] const auto& iteration : state) {
    benchmark::DoNotOptimize(Timestamp::parse("2026-11-24T09:00:00.123456789+01:00"));
  }
}

void decode_hook_payload(benchmark::State& state) {
  constexpr std::string_view payload =
      R"({"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Bash",)"
      R"("tool_input":{"command":"ls -l"},"tool_use_id":"t"})";
  for ([[maybe_unused]] const auto& iteration : state) {
    benchmark::DoNotOptimize(decode_hook(payload, {.now = Timestamp::from_ns(1)}));
  }
}

// Turns what Google Benchmark measured into rows.
class RowReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.aggregate_name != "median") continue;
      rows.push_back(
          {.name = run.run_name.function_name, .value = run.GetAdjustedRealTime(), .unit = "ns"});
    }
  }

  std::vector<Row> rows;
};

}  // namespace

std::vector<Row> measure_calls(const Settings& settings) {
  const auto add = [&](const char* name, void (*call)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name, call)
        ->Repetitions(settings.runs)
        ->MinTime(settings.quick ? 0.02 : 0.1);
  };
  add("write an event as JSON", write_event_as_json);
  add("read an event from JSON", read_event_from_json);
  add("read a timestamp", read_timestamp);
  add("decode a hook payload", decode_hook_payload);
  RowReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return std::move(reporter.rows);
}

}  // namespace agentaudit::bench
