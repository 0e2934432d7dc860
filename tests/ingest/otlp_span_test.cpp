// Which span becomes which event, one family after the other.
#include <gtest/gtest.h>

#include "ingest/otlp_bodies.h"

namespace agentaudit {
namespace {

using nlohmann::json;

Event of(json attributes, std::string name = "work") {
  return event_of(TestSpan{.name = std::move(name), .attributes = std::move(attributes)});
}

json detail_of(const Event& event) { return json::parse(event.detail); }

std::string kind_of(const Event& event) { return event.category + "/" + event.action; }

constexpr const char* interrupt = "GraphInterrupt: [{\"value\":\"Deploy?\"}]";

TEST(OtlpSpan, TellsWhoDidWhatWhenAndHowLong) {
  const Event event =
      event_of(TestSpan{.id = "b",
                        .parent = "c",
                        .name = "execute_tool search",
                        .attributes = {{"gen_ai.operation.name", "execute_tool"},
                                       {"gen_ai.tool.name", "search"},
                                       {"gen_ai.agent.name", "helper"},
                                       {"gen_ai.conversation.id", "c1"},
                                       {"gen_ai.tool.call.id", "call_1"},
                                       {"gen_ai.tool.call.arguments", R"({"query":"tea"})"},
                                       {"gen_ai.tool.call.result", "none"},
                                       {"user.email", "a@example.com"}}});
  EXPECT_EQ(kind_of(event), "tool_call/execute");
  EXPECT_EQ(event.status, "ok");
  EXPECT_EQ(event.agent, "helper");
  EXPECT_EQ(event.conversation_id, "c1");
  EXPECT_EQ(event.target, "search");
  EXPECT_EQ(event.principal, "a@example.com");
  EXPECT_EQ(event.summary, "search: tea");
  EXPECT_EQ(event.source, "otlp");
  EXPECT_EQ(event.timestamp.ns(), test_start_ns);
  EXPECT_EQ(event.duration.count(), 1'500);
  EXPECT_EQ(event.trace_id, "0000000000000000000000000000000a");
  EXPECT_EQ(event.span_id, "000000000000000b");
  EXPECT_EQ(event.parent_span_id, "000000000000000c");
  const json detail = detail_of(event);
  EXPECT_EQ(detail["arguments"], json({{"query", "tea"}}));
  EXPECT_EQ(detail["result"], "none");
  EXPECT_EQ(detail["tool_call_id"], "call_1");
  EXPECT_EQ(detail["name"], "execute_tool search");
  EXPECT_EQ(detail["resource"], json({{"service.name", "shop"}}));
  EXPECT_EQ(detail["attributes"]["gen_ai.agent.name"], "helper");
  EXPECT_FALSE(detail["attributes"].contains("gen_ai.tool.call.arguments"));
}

TEST(OtlpSpan, WithoutMeaningForAgentsIsNoEvent) {
  EXPECT_TRUE(events_of({traces_request({{.name = "GET /", .attributes = {{"http.route", "/"}}},
                                         {.id = "2", .name = "claude_code.hook"},
                                         {.id = "3", .name = "work"}})})
                  .empty());
}

TEST(OtlpSpan, ThatFailedSaysWhy) {
  const json attributes{{"gen_ai.operation.name", "execute_tool"}, {"gen_ai.tool.name", "pay"}};
  const Event by_status =
      event_of(TestSpan{.attributes = attributes, .status = 2, .message = "card declined"});
  EXPECT_EQ(by_status.status, "error");
  EXPECT_EQ(by_status.summary, "pay: card declined");
  EXPECT_EQ(detail_of(by_status)["error"], "card declined");

  const Event by_exception = event_of(TestSpan{
      .attributes = attributes,
      .status = 2,
      .events = {{{"name", "exception"}, {"attributes", {{"exception.message", "no card"}}}}}});
  EXPECT_EQ(detail_of(by_exception)["error"], "no card");

  json with_type = attributes;
  with_type["error.type"] = "timeout";
  EXPECT_EQ(of(with_type).status, "error");
  with_type["error.type"] = "permission_denied";
  EXPECT_EQ(of(with_type).status, "denied");
  EXPECT_EQ(event_of(TestSpan{.attributes = attributes, .status = 1}).status, "ok");

  json with_result = attributes;
  with_result["gen_ai.tool.call.result"] = R"({"content":[],"isError":true})";
  EXPECT_EQ(of(with_result).status, "error");
  with_result["gen_ai.tool.call.result"] = R"({"content":["isError"],"isError":false})";
  EXPECT_EQ(of(with_result).status, "ok");
}

TEST(OtlpSpanOfGenAi, IsAToolCallAModelCallOrASession) {
  const auto kind = [](const char* operation) {
    return kind_of(of({{"gen_ai.operation.name", operation}, {"gen_ai.request.model", "m"}}));
  };
  EXPECT_EQ(kind("execute_tool"), "tool_call/execute");
  EXPECT_EQ(kind("tool_call"), "tool_call/execute");
  for (const char* operation : {"chat", "text_completion", "generate_content", "fetch_response",
                                "realtime_inference", "llm_call"}) {
    EXPECT_EQ(kind(operation), "llm/complete") << operation;
  }
  EXPECT_EQ(kind("embeddings"), "llm/embed");
  EXPECT_EQ(kind("retrieval"), "tool_call/retrieval");
  EXPECT_EQ(kind("search_memory"), "tool_call/search_memory");
  EXPECT_EQ(kind("invoke_agent"), "session/invoke_agent");
  EXPECT_EQ(kind("create_agent"), "session/create_agent");
  EXPECT_EQ(kind("plan"), "session/plan");
  EXPECT_EQ(kind("brew_coffee"), "session/brew_coffee");
}

TEST(OtlpSpanOfGenAi, OfAModelHasItsMessagesAndTokens) {
  const Event event = of({{"gen_ai.operation.name", "chat"},
                          {"gen_ai.request.model", "m-1"},
                          {"gen_ai.provider.name", "acme"},
                          {"gen_ai.usage.input_tokens", 7},
                          {"gen_ai.usage.output_tokens", "3"},
                          {"gen_ai.input.messages", R"([{"role":"user"}])"},
                          {"gen_ai.output.messages", R"([{"role":"assistant"}])"}});
  EXPECT_EQ(event.target, "m-1");
  EXPECT_EQ(event.summary, "m-1: 7 tokens in, 3 out");
  const json detail = detail_of(event);
  EXPECT_EQ(detail["model"], "m-1");
  EXPECT_EQ(detail["provider"], "acme");
  EXPECT_EQ(detail["input_tokens"], 7);
  EXPECT_EQ(detail["output_tokens"], 3);
  EXPECT_EQ(detail["messages"][0]["role"], "user");
  EXPECT_EQ(detail["result"][0]["role"], "assistant");
}

TEST(OtlpSpanOfGenAi, MayHaveItsArgumentsAsAMap) {
  const Event event = of({{"gen_ai.operation.name", "execute_tool"},
                          {"gen_ai.tool.name", "search"},
                          {"gen_ai.tool.call.arguments", {{"query", "tea"}, {"n", 1}}}});
  EXPECT_EQ(event.summary, "search: tea");
  EXPECT_EQ(detail_of(event)["arguments"], json({{"query", "tea"}, {"n", 1}}));
}

TEST(OtlpSpanOfGenAi, CountsItsTokensHoweverTheyAreWritten) {
  const auto input = [](const json& tokens) {
    return detail_of(of({{"gen_ai.operation.name", "chat"},
                         {"gen_ai.usage.input_tokens", tokens}}))["input_tokens"];
  };
  EXPECT_EQ(input("7"), 7);
  EXPECT_EQ(input(7.0).dump(), "7");
  // What is no count stays as it came.
  EXPECT_EQ(input(1e30), 1e30);
  EXPECT_EQ(input("many"), "many");
}

TEST(OtlpSpanOfGenAi, OfAGuardrailIsDeniedByItsVerdict) {
  const auto guard = [](const char* verdict) {
    return of({{"gen_ai.operation.name", "run_guardrail"},
               {"gen_ai.security.guardrail.name", "pii"},
               {"gen_ai.security.action.type", verdict}});
  };
  EXPECT_EQ(kind_of(guard("allow")), "safety/guardrail");
  EXPECT_EQ(guard("allow").status, "ok");
  EXPECT_EQ(guard("deny").status, "denied");
  EXPECT_EQ(guard("BLOCK").status, "denied");
  EXPECT_EQ(guard("deny").target, "pii");
}

TEST(OtlpSpanOfMcp, IsAToolCallOrItsMethod) {
  const Event call = of({{"mcp.method.name", "tools/call"},
                         {"gen_ai.operation.name", "execute_tool"},
                         {"gen_ai.tool.name", "add"},
                         {"error.type", "tool_error"}});
  EXPECT_EQ(kind_of(call), "tool_call/execute");
  EXPECT_EQ(call.status, "error");
  EXPECT_EQ(kind_of(of({{"mcp.method.name", "tools/call"}, {"gen_ai.tool.name", "add"}})),
            "tool_call/execute");
  const Event read = of({{"mcp.method.name", "resources/read"}, {"mcp.resource.uri", "file:///a"}});
  EXPECT_EQ(kind_of(read), "mcp/resources/read");
  EXPECT_EQ(read.target, "file:///a");
  EXPECT_EQ(of({{"mcp.method.name", "prompts/get"}, {"gen_ai.prompt.name", "greet"}}).target,
            "greet");
}

TEST(OtlpSpanOfVercel, IsAToolCallAModelCallOrASession) {
  const auto kind = [](const char* operation) {
    return kind_of(of({{"ai.operationId", operation}}));
  };
  EXPECT_EQ(kind("ai.toolCall"), "tool_call/execute");
  EXPECT_EQ(kind("ai.generateText.doGenerate"), "llm/complete");
  EXPECT_EQ(kind("ai.streamText.doStream"), "llm/complete");
  EXPECT_EQ(kind("ai.embed.doEmbed"), "llm/embed");
  EXPECT_EQ(kind("ai.generateText"), "session/generateText");
  EXPECT_EQ(kind("ai.embed"), "session/embed");
}

TEST(OtlpSpanOfVercel, SaysWhoCalledWhat) {
  const Event event = of({{"ai.operationId", "ai.toolCall"},
                          {"ai.telemetry.functionId", "support"},
                          {"ai.telemetry.metadata.sessionId", "s9"},
                          {"ai.telemetry.metadata.userId", "u7"},
                          {"ai.toolCall.name", "weather"},
                          {"ai.toolCall.args", R"({"city":"Zürich"})"},
                          {"ai.toolCall.result", "21"}});
  EXPECT_EQ(event.agent, "support");
  EXPECT_EQ(event.conversation_id, "s9");
  EXPECT_EQ(event.principal, "u7");
  EXPECT_EQ(event.target, "weather");
  EXPECT_EQ(event.summary, R"(weather: {"city":"Zürich"})");
  EXPECT_EQ(detail_of(event)["arguments"]["city"], "Zürich");
}

TEST(OtlpSpanOfOpenInference, IsWhatItsKindSays) {
  const auto kind = [](const char* name) {
    return kind_of(of({{"openinference.span.kind", name}}));
  };
  EXPECT_EQ(kind("TOOL"), "tool_call/execute");
  EXPECT_EQ(kind("LLM"), "llm/complete");
  EXPECT_EQ(kind("EMBEDDING"), "llm/embed");
  EXPECT_EQ(kind("GUARDRAIL"), "safety/guardrail");
  EXPECT_EQ(kind("EVALUATOR"), "eval/evaluate");
  EXPECT_EQ(kind("AGENT"), "session/agent");
  EXPECT_EQ(kind("CHAIN"), "session/chain");
  EXPECT_EQ(kind("PROMPT"), "session/prompt");
  EXPECT_EQ(kind("RETRIEVER"), "session/retriever");
}

TEST(OtlpSpanOfOpenInference, NamesItsAgentInItsMetadata) {
  const Event event = of({{"openinference.span.kind", "TOOL"},
                          {"tool.name", "pay"},
                          {"metadata", R"({"lc_agent_name":"billing","x":1})"},
                          {"input.value", R"({"amount":1})"},
                          {"output.value", "done"}});
  EXPECT_EQ(event.agent, "billing");
  EXPECT_EQ(event.target, "pay");
  EXPECT_EQ(detail_of(event)["arguments"]["amount"], 1);
  EXPECT_EQ(detail_of(event)["result"], "done");
  EXPECT_EQ(of({{"openinference.span.kind", "GUARDRAIL"}, {"output.value", "BLOCKED"}}).status,
            "denied");
}

TEST(OtlpSpanOfLangGraph, ThatStopsForAPersonIsAPendingApproval) {
  const Event event = event_of(TestSpan{
      .name = "ask",
      .attributes = {{"openinference.span.kind", "CHAIN"}},
      .status = 2,
      .message = interrupt,
      .events = {{{"name", "exception"}, {"attributes", {{"exception.message", interrupt}}}}}});
  EXPECT_EQ(kind_of(event), "approval/request");
  EXPECT_EQ(event.status, "pending");
  EXPECT_EQ(event.target, "ask");
}

TEST(OtlpSpanOfTraceloop, IsAToolCallOrASession) {
  const Event tool = of({{"traceloop.span.kind", "tool"},
                         {"traceloop.entity.name", "weather"},
                         {"traceloop.entity.input", R"({"kwargs":{"city":"Paris"}})"},
                         {"traceloop.entity.output", "21"},
                         {"traceloop.association.properties.session_id", "s1"}});
  EXPECT_EQ(kind_of(tool), "tool_call/execute");
  EXPECT_EQ(tool.target, "weather");
  EXPECT_EQ(tool.conversation_id, "s1");
  EXPECT_EQ(detail_of(tool)["result"], "21");
  const Event task = of({{"traceloop.span.kind", "task"},
                         {"gen_ai.agent.name", "refunds"},
                         {"traceloop.entity.name", "summarise"}});
  EXPECT_EQ(kind_of(task), "session/task");
  EXPECT_EQ(task.target, "summarise");
  EXPECT_EQ(task.agent, "refunds");
  EXPECT_EQ(kind_of(of({{"llm.request.type", "chat"}})), "llm/complete");
  EXPECT_EQ(kind_of(of({{"llm.request.type", "embedding"}})), "llm/embed");
}

TEST(OtlpSpanOfClaudeCode, IsKnownByItsName) {
  EXPECT_EQ(kind_of(of({{"tool_name", "Bash"}}, "claude_code.tool")), "tool_call/execute");
  EXPECT_EQ(kind_of(of({{"model", "sonnet"}}, "claude_code.llm_request")), "llm/complete");
  EXPECT_EQ(kind_of(of({{"user_prompt", "hi"}}, "claude_code.interaction")), "session/interaction");
  const Event accepted = of({{"decision", "accept"}}, "claude_code.tool.blocked_on_user");
  EXPECT_EQ(kind_of(accepted), "approval/approve");
  const Event refused = of({{"decision", "reject"}}, "claude_code.tool.blocked_on_user");
  EXPECT_EQ(kind_of(refused), "approval/deny");
  EXPECT_EQ(refused.status, "denied");
  EXPECT_EQ(refused.agent, "shop");
}

TEST(OtlpSpanOfClaudeCode, NamesAToolOfMcpAsItsHooksDo) {
  EXPECT_EQ(
      of({{"tool_name", "mcp__s__add"}, {"gen_ai.tool.name", "add"}}, "claude_code.tool").target,
      "mcp__s__add");
}

TEST(OtlpSpanOfClaudeCode, HasTheErrorOfTheExecutionWithinIt) {
  const TestSpan call{.id = "2", .name = "claude_code.tool", .attributes = {{"tool_name", "Read"}}};
  const TestSpan execution{.id = "3",
                           .parent = "2",
                           .name = "claude_code.tool.execution",
                           .attributes = {{"success", false}},
                           .status = 2,
                           .message = "no such file"};
  for (const auto& spans : {std::vector{call, execution}, std::vector{execution, call}}) {
    const auto events = events_of({traces_request(spans)});
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].event.status, "error");
    EXPECT_EQ(events[0].event.summary, "Read: no such file");
    EXPECT_EQ(detail_of(events[0].event)["error"], "no such file");
  }
}

}  // namespace
}  // namespace agentaudit
