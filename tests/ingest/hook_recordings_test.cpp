// Real recordings of agents' hooks, and payloads after their documented schemas: each
// says itself what must come of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "agentaudit/core/names.h"
#include "agentaudit/ingest/hook.h"
#include "ingest/hook_recording.h"

namespace agentaudit {
namespace {

using nlohmann::json;

class HookRecording : public testing::TestWithParam<const char*> {};

TEST_P(HookRecording, GivesTheEventsThatItSays) {
  const auto events = decode_recording(GetParam());
  const json expectations = read_expectations(GetParam());
  ASSERT_EQ(events.size(), expectations["payloads"]);
  for (const json& check : expectations["signals"]["hooks"]["checks"]) {
    const auto found = std::count_if(events.begin(), events.end(), [&](const Event& event) {
      return matches(event, check["match"]);
    });
    const json& count = check["count"];
    const json range = count.is_object() ? count : json{{"min", count}, {"max", count}};
    EXPECT_GE(found, range.value("min", 0)) << check;
    EXPECT_LE(found, range.value("max", 1'000)) << check;
  }
}

TEST_P(HookRecording, LosesNothing) {
  const auto hooks = read_recording(GetParam());
  const auto events = decode_recording(GetParam());
  ASSERT_EQ(events.size(), hooks.size());
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const std::string& payload = hooks[i].payload;
    EXPECT_EQ(events[i].detail, payload.substr(0, payload.find_last_not_of('\n') + 1));
    EXPECT_EQ(events[i].timestamp, hooks[i].time);
    EXPECT_EQ(events[i].source, "hook");
  }
}

TEST_P(HookRecording, IsOneTraceOfOneConversation) {
  const auto events = decode_recording(GetParam());
  for (const Event& event : events) {
    EXPECT_EQ(event.conversation_id, events.front().conversation_id);
    EXPECT_EQ(event.trace_id, events.front().trace_id);
    EXPECT_EQ(event.trace_id.size(), 32U);
  }
}

TEST_P(HookRecording, KnowsItsClient) {
  const std::string client = GetParam();
  const auto events = decode_recording(client);
  EXPECT_EQ(events.front().agent, client);
  EXPECT_EQ(events.back().agent, client);
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const Event& event) { return event.agent == "unknown"; }),
            0);
}

INSTANTIATE_TEST_SUITE_P(OfClients, HookRecording, testing::Values("claude-code", "codex"),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           std::erase(name, '-');
                           return name;
                         });

class DocumentedHook : public testing::TestWithParam<RecordedHook> {};

TEST_P(DocumentedHook, GivesTheEventThatItSays) {
  const RecordedHook& hook = GetParam();
  const auto event =
      decode_hook(hook.payload, {.event_name = hook.event_name, .now = Timestamp::from_ns(1)});
  ASSERT_TRUE(event);
  json match = hook.expect;
  if (match.contains("duration_ms")) {
    match["duration_ms"] = {hook.expect["duration_ms"], hook.expect["duration_ms"]};
  }
  if (match.contains("timestamp_ms")) {
    match["timestamp_ms"] = {hook.expect["timestamp_ms"], hook.expect["timestamp_ms"]};
  }
  EXPECT_TRUE(matches(*event, match)) << hook.payload << "\n" << match;
  EXPECT_TRUE(hook.client == "malformed" || event->agent == hook.client ||
              hook.payload.find("agent_type") != std::string::npos)
      << event->agent;
}

INSTANTIATE_TEST_SUITE_P(OfSchemas, DocumentedHook,
                         testing::ValuesIn(read_recording("documented-schemas")),
                         [](const auto& instance) {
                           std::string name = instance.param.client + instance.param.event_name;
                           std::erase_if(name, [](char c) {
                             return std::isalnum(static_cast<unsigned char>(c)) == 0;
                           });
                           return name + std::to_string(instance.index);
                         });

}  // namespace
}  // namespace agentaudit
