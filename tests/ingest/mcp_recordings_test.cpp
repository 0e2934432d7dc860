// Real conversations of an MCP client and its servers: each says itself what must come of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "agentaudit/core/limits.h"
#include "agentaudit/core/names.h"
#include "agentaudit/ingest/mcp.h"
#include "core/gzip.h"
#include "ingest/hook_recording.h"

namespace agentaudit {
namespace {

using nlohmann::json;

constexpr std::int64_t ns_per_ms = 1'000'000;

std::string read_golden(const std::string& file) {
  const auto path = std::filesystem::path(AGENTAUDIT_SOURCE_DIR) / "tests/golden/mcp" / file;
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  return is_gzip(bytes) ? gunzip(bytes, limits::body_bytes_max).value() : bytes;
}

McpMoment moment(std::int64_t ms) {
  return {.time = Timestamp::from_ns(ms * ns_per_ms),
          .steady = std::chrono::steady_clock::time_point(std::chrono::milliseconds(ms))};
}

McpEnd end_of(const json& row) {
  McpEnd end;
  if (row["code"].is_number()) end.exit_status = row["code"];
  if (row["signal"].is_string()) end.signal = row["signal"];
  return end;
}

std::vector<Event> replay(const std::string& file) {
  McpSession session({.connection = "recorded", .server_default = "server"});
  std::vector<Event> events;
  const auto add = [&](std::vector<Event> more) {
    std::move(more.begin(), more.end(), std::back_inserter(events));
  };
  std::istringstream lines(read_golden(file));
  std::string line;
  McpEnd end;
  std::int64_t last = 0;
  while (std::getline(lines, line)) {
    const json row = json::parse(line);
    const std::string direction = row["dir"];
    last = row["t"];
    const std::string said = row.value("line", "");
    if (direction == "c2s") add(session.take(McpSender::client, said, moment(last)));
    if (direction == "s2c") add(session.take(McpSender::server, said, moment(last)));
    if (direction == "exit") end = end_of(row);
  }
  add(session.end(end, moment(last)));
  EXPECT_EQ(session.counters().unread, 0);
  return events;
}

class McpRecording : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(McpRecording, GivesTheEventsThatItSays) {
  const auto events = replay(GetParam().second);
  const json expected = json::parse(read_golden(std::string(GetParam().first) + ".expected.json"));
  for (const json& check : expected["signals"]["mcp"]["checks"]) {
    const json& match = check["match"];
    const auto found = std::count_if(events.begin(), events.end(), [&](const Event& event) {
      return matches(event, match) &&
             (!match.contains("is_tool_call") || event.category == category::tool_call);
    });
    const json& count = check["count"];
    const json range = count.is_object() ? count : json{{"min", count}, {"max", count}};
    EXPECT_GE(found, range.value("min", 0)) << check;
    EXPECT_LE(found, range.value("max", 1'000)) << check;
  }
}

TEST_P(McpRecording, LeavesNothingPending) {
  const auto events = replay(GetParam().second);
  for (const Event& event : events) {
    EXPECT_EQ(event.source, "mcp");
    EXPECT_EQ(event.conversation_id, "recorded");
    if (event.status != status::pending) continue;
    EXPECT_TRUE(std::any_of(events.begin(), events.end(), [&](const Event& other) {
      return other.span_id == event.span_id && other.status != status::pending;
    })) << event.summary;
  }
}

INSTANTIATE_TEST_SUITE_P(OfServers, McpRecording,
                         testing::Values(std::pair("crash", "crash.jsonl"),
                                         std::pair("memory", "memory.jsonl"),
                                         std::pair("everything", "everything.jsonl.gz")),
                         [](const auto& instance) { return std::string(instance.param.first); });

}  // namespace
}  // namespace agentaudit
