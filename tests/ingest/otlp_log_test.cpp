// Which log record becomes which event.
#include <gtest/gtest.h>

#include "ingest/otlp_bodies.h"

namespace agentaudit {
namespace {

using nlohmann::json;

Event claude_code(const char* name, json attributes) {
  attributes["event.name"] = name;
  attributes["session.id"] = "s1";
  return event_of(
      TestLog{.attributes = std::move(attributes), .body = std::string("claude_code.") + name});
}

// Codex says in event_name where in its sources the record was made.
Event codex(const char* name, json attributes) {
  attributes["event.name"] = std::string("codex.") + name;
  attributes["conversation.id"] = "s2";
  return event_of(TestLog{.attributes = std::move(attributes), .event_name = "event src/a.rs:7"});
}

Event gemini(const char* name, json attributes) {
  attributes["event.name"] = std::string("gemini_cli.") + name;
  return event_of(TestLog{.attributes = std::move(attributes)});
}

bool is_none(json attributes) {
  return events_of({logs_request({TestLog{.attributes = std::move(attributes)}})}).empty();
}

std::string kind_of(const Event& event) { return event.category + "/" + event.action; }

TEST(OtlpLog, BeginsAsLongBeforeItWasWrittenAsItTook) {
  const Event event = claude_code(
      "tool_result", {{"tool_name", "Bash"}, {"success", "true"}, {"duration_ms", "250"}});
  EXPECT_EQ(event.timestamp.ns(), 1'700'000'001'750'000'000);
  EXPECT_EQ(event.duration.count(), 250);
  EXPECT_EQ(claude_code("tool_result", {{"duration_ms", 250}}).duration.count(), 250);
  EXPECT_EQ(claude_code("tool_result", {{"duration_ms", "-7"}}).duration.count(), 0);
  EXPECT_EQ(claude_code("tool_result", {{"duration_ms", "long"}}).duration.count(), 0);
}

TEST(OtlpLog, IsWithinItsSpan) {
  const Event event = event_of(
      TestLog{.attributes = {{"event.name", "tool_result"}, {"tool_name", "Bash"}}, .span = "7"});
  EXPECT_EQ(event.span_id, "");
  EXPECT_EQ(event.parent_span_id, "0000000000000007");
  EXPECT_EQ(event.trace_id, "0000000000000000000000000000000a");
}

TEST(OtlpLogOfClaudeCode, IsWhatItsNameSays) {
  const Event ok = claude_code("tool_result", {{"tool_name", "Bash"}, {"success", "true"}});
  EXPECT_EQ(kind_of(ok), "tool_call/execute");
  EXPECT_EQ(ok.status, "ok");
  EXPECT_EQ(ok.agent, "shop");
  EXPECT_EQ(ok.conversation_id, "s1");
  const Event failed = claude_code(
      "tool_result", {{"tool_name", "Bash"}, {"success", "false"}, {"error", "exit 3"}});
  EXPECT_EQ(failed.status, "error");
  EXPECT_EQ(failed.summary, "Bash: exit 3");
  EXPECT_EQ(kind_of(claude_code("tool_decision", {{"decision", "accept"}})), "approval/approve");
  EXPECT_EQ(claude_code("tool_decision", {{"decision", "reject"}}).status, "denied");
  EXPECT_EQ(kind_of(claude_code("api_request", {{"model", "m"}})), "llm/complete");
  EXPECT_EQ(claude_code("api_error", {{"model", "m"}, {"error", "overloaded"}}).status, "error");
  EXPECT_EQ(kind_of(claude_code("user_prompt", {{"prompt", "hi"}})), "session/prompt");
  EXPECT_EQ(claude_code("user_prompt", {{"prompt", "hi"}}).summary, "prompt: hi");
  EXPECT_EQ(kind_of(claude_code("compaction", {})), "session/compact");
  EXPECT_EQ(kind_of(claude_code("subagent_completed", {})), "session/subagent_stop");
  EXPECT_EQ(kind_of(claude_code("skill_activated", {{"skill.name", "x"}})), "skill/activate");
  const Event server =
      claude_code("mcp_server_connection", {{"server_name", "fs"}, {"status", "failed"}});
  EXPECT_EQ(kind_of(server), "mcp/connect");
  EXPECT_EQ(server.target, "fs");
  EXPECT_EQ(server.status, "error");
}

TEST(OtlpLogOfClaudeCode, NamesTheToolOfAnMcpServer) {
  const Event event = claude_code(
      "tool_result", {{"tool_name", "mcp_tool"},
                      {"tool_parameters", R"({"mcp_server_name":"math","mcp_tool_name":"add"})"}});
  EXPECT_EQ(event.target, "mcp__math__add");
  EXPECT_EQ(json::parse(event.detail)["server"], "math");
  EXPECT_EQ(
      claude_code("tool_result", {{"tool_name", "mcp_tool"}, {"tool_parameters", "?"}}).target,
      "mcp_tool");
}

TEST(OtlpLogOfCodex, IsKnownByTheAttributeNotByThePlaceInTheSources) {
  const Event call = codex("tool_result", {{"tool_name", "exec"},
                                           {"call_id", "call_2"},
                                           {"success", "false"},
                                           {"arguments", R"({"cmd":"ls"})"},
                                           {"output", "unsupported call"}});
  EXPECT_EQ(kind_of(call), "tool_call/execute");
  EXPECT_EQ(call.status, "error");
  EXPECT_EQ(call.conversation_id, "s2");
  EXPECT_EQ(call.summary, "exec: ls: unsupported call");
  EXPECT_EQ(json::parse(call.detail)["tool_call_id"], "call_2");
  EXPECT_EQ(kind_of(codex("tool_decision", {{"decision", "approved_for_session"}})),
            "approval/approve");
  EXPECT_EQ(codex("tool_decision", {{"decision", "denied"}}).status, "denied");
  EXPECT_EQ(codex("tool_decision", {{"decision", "abort"}}).status, "denied");
  EXPECT_EQ(codex("api_request", {{"http.response.status_code", 200}}).status, "ok");
  EXPECT_EQ(codex("api_request", {{"http.response.status_code", 503}}).status, "error");
  EXPECT_EQ(kind_of(codex("conversation_starts", {})), "session/session_start");
}

TEST(OtlpLogOfGeminiCli, IsAToolCallOrTheAnswerOfAModel) {
  const Event call = gemini("tool_call", {{"function_name", "read_file"},
                                          {"function_args", R"({"path":"/a"})"},
                                          {"success", true},
                                          {"decision", "accept"}});
  EXPECT_EQ(kind_of(call), "tool_call/execute");
  EXPECT_EQ(call.summary, "read_file: /a");
  EXPECT_EQ(call.status, "ok");
  EXPECT_EQ(gemini("tool_call", {{"success", false}, {"decision", "reject"}}).status, "denied");
  EXPECT_EQ(gemini("tool_call", {{"success", false}}).status, "error");
  EXPECT_EQ(gemini("tool_call", {{"success", "unknown"}}).status, "ok");
  EXPECT_EQ(kind_of(gemini("api_response", {{"model", "g"}})), "llm/complete");
  EXPECT_EQ(gemini("api_error", {{"model", "g"}}).status, "error");
  EXPECT_EQ(kind_of(gemini("chat_compression", {})), "session/compact");
  EXPECT_TRUE(is_none({{"event.name", "gemini_cli.api_request"}, {"model", "g"}}));
}

TEST(OtlpLogOfGenAi, OfAnEvaluationOrFindingIsAnEvent) {
  const Event eval = event_of(TestLog{.attributes = {{"gen_ai.evaluation.name", "relevance"}},
                                      .event_name = "gen_ai.evaluation.result"});
  EXPECT_EQ(kind_of(eval), "eval/evaluate");
  EXPECT_EQ(eval.target, "relevance");
  const Event finding = event_of(TestLog{.attributes = {{"gen_ai.security.action.type", "block"}},
                                         .event_name = "gen_ai.security.finding"});
  EXPECT_EQ(kind_of(finding), "safety/finding");
  EXPECT_EQ(finding.status, "denied");
}

TEST(OtlpLog, WithoutMeaningForAgentsIsNoEvent) {
  for (const char* name : {"hook_execution_start", "plugin_loaded", "startup_phase",
                           "codex.sse_event", "codex.startup_phase", "user.login", ""}) {
    EXPECT_TRUE(is_none({{"event.name", name}})) << name;
  }
  // Not every service that logs requests asks models.
  EXPECT_TRUE(is_none({{"event.name", "api_request"}}));
}

TEST(OtlpLog, HasAKeyOfAllThatItSays) {
  const auto key = [](const TestLog& log, const json& resource) {
    return events_of({logs_request({log}, resource)}).at(0).origin_key;
  };
  const json shop{{"service.name", "shop"}};
  const TestLog log{.attributes = {{"event.name", "codex.user_prompt"}, {"n", 1}}};
  TestLog other = log;
  EXPECT_EQ(key(log, shop).size(), 16U);
  EXPECT_EQ(key(log, shop), key(other, shop));
  other.attributes["n"] = 2;
  EXPECT_NE(key(log, shop), key(other, shop));
  other = log;
  other.time_ns += 1;
  EXPECT_NE(key(log, shop), key(other, shop));
  EXPECT_NE(key(log, shop), key(log, {{"service.name", "stall"}}));
}

}  // namespace
}  // namespace agentaudit
