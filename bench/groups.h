// The groups of measurements, each in the source file of its name.
#pragma once

#include <vector>

#include "measurement.h"

namespace agentaudit::bench {

// Processes from start to exit, and their memory.
[[nodiscard]] std::vector<Row> measure_processes(const Settings& settings);
// The calls that a hot path consists of, by Google Benchmark.
[[nodiscard]] std::vector<Row> measure_calls(const Settings& settings);
// Foreign bytes to events.
[[nodiscard]] std::vector<Row> measure_ingest(const Settings& settings);
// Secrets out of events.
[[nodiscard]] std::vector<Row> measure_redact(const Settings& settings);
// BufferedEmitter alone.
[[nodiscard]] std::vector<Row> measure_emit(const Settings& settings);
// SqliteStore alone, and behind BufferedEmitter.
[[nodiscard]] std::vector<Row> measure_append(const Settings& settings);
// A million events: the newest page, and a prune beside a writer.
[[nodiscard]] std::vector<Row> measure_million(const Settings& settings);
// The daemon over loopback.
[[nodiscard]] std::vector<Row> measure_http(const Settings& settings);
// The MCP proxy.
[[nodiscard]] std::vector<Row> measure_mcp(const Settings& settings);
// Trails on a PostgreSQL and a ClickHouse that it starts itself.
[[nodiscard]] std::vector<Row> measure_servers(const Settings& settings);
// Questions of a large trail on each of them.
[[nodiscard]] std::vector<Row> measure_fleet(const Settings& settings);
// Questions of a large trail, which a later run uses again.
[[nodiscard]] std::vector<Row> measure_trail(const Settings& settings);

}  // namespace agentaudit::bench
