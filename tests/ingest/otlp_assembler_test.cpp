// What spans and log records tell about each other.
#include <gtest/gtest.h>

#include <algorithm>

#include "ingest/otlp_bodies.h"

namespace agentaudit {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using TimePoint = OtlpAssembler::TimePoint;

constexpr TimePoint start{};

TestSpan tool(std::string id, std::string parent, json more = json::object()) {
  more["gen_ai.operation.name"] = "execute_tool";
  more["gen_ai.tool.name"] = "search";
  return {.id = std::move(id), .parent = std::move(parent), .attributes = std::move(more)};
}

TestSpan agent(std::string id, std::string parent, const std::string& name) {
  return {.id = std::move(id),
          .parent = std::move(parent),
          .attributes = {{"gen_ai.operation.name", "invoke_agent"},
                         {"gen_ai.agent.name", name},
                         {"gen_ai.conversation.id", "of " + name}}};
}

TestSpan plumbing(std::string id, std::string parent) {
  return {.id = std::move(id), .parent = std::move(parent), .name = "POST"};
}

void add(OtlpAssembler& assembler, const std::vector<TestSpan>& spans, TimePoint now = start) {
  assembler.add(decode_both(traces_request(spans)), now);
}

std::vector<std::string> agents_of(const std::vector<KeyedEvent>& events) {
  std::vector<std::string> agents;
  for (const KeyedEvent& keyed : events) agents.push_back(keyed.event.agent);
  return agents;
}

TEST(OtlpInheritance, IsFromTheNearestAncestorThatKnows) {
  const std::vector<TestSpan> spans = {tool("4", "3"), plumbing("3", "2"), agent("2", "1", "inner"),
                                       agent("1", "", "outer"), tool("5", "1")};
  const auto events = events_of({traces_request(spans)});
  EXPECT_EQ(agents_of(events), (std::vector<std::string>{"outer", "inner", "inner", "outer"}));
  EXPECT_EQ(events[2].event.conversation_id, "of inner");
}

TEST(OtlpInheritance, GoesOnWhereTheAssemblerIsMoved) {
  OtlpAssembler first;
  add(first, {tool("2", "1")});
  OtlpAssembler second(std::move(first));
  add(second, {agent("1", "", "outer")});
  OtlpAssembler third;
  third = std::move(second);
  EXPECT_EQ(agents_of(flushed(third)), (std::vector<std::string>{"outer", "outer"}));
}

TEST(OtlpInheritance, WorksAcrossRequestsInAnyOrder) {
  const std::vector<TestSpan> spans = {tool("4", "3"), plumbing("3", "2"), agent("2", "1", "inner"),
                                       agent("1", "", "outer")};
  const auto expected = events_of({traces_request(spans)});
  std::vector<std::size_t> order = {0, 1, 2, 3};
  do {
    std::vector<json> requests;
    for (const std::size_t i : order) requests.push_back(traces_request({spans[i]}));
    EXPECT_EQ(events_of(requests), expected);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(OtlpInheritance, EndsAtTheRootWithTheServiceAndTheTrace) {
  OtlpAssembler assembler;
  add(assembler, {tool("2", "1"), plumbing("1", "")});
  const auto events = assembler.take_ready(start);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event.agent, "shop");
  EXPECT_EQ(events[0].event.conversation_id, "0000000000000000000000000000000a");
}

TEST(OtlpInheritance, GoesBeforeWhatTheResourceSays) {
  const json resource{{"service.name", "shop"}, {"gen_ai.agent.name", "r"}, {"session.id", "rs"}};
  const auto inherited =
      events_of({traces_request({tool("2", "1"), agent("1", "", "a")}, resource)});
  EXPECT_EQ(agents_of(inherited), (std::vector<std::string>{"a", "a"}));
  EXPECT_EQ(inherited[1].event.conversation_id, "of a");
  const auto alone = events_of({traces_request({tool("2", "")}, resource)});
  EXPECT_EQ(alone[0].event.agent, "r");
  EXPECT_EQ(alone[0].event.conversation_id, "rs");
}

TEST(OtlpInheritance, IsOnlyWithinATrace) {
  TestSpan elsewhere = agent("1", "", "other");
  elsewhere.trace = "b";
  EXPECT_EQ(agents_of(events_of({traces_request({tool("2", "1"), elsewhere})})),
            (std::vector<std::string>{"shop", "other"}));
}

TEST(OtlpInheritance, OfALogRecordIsFromItsSpan) {
  OtlpAssembler assembler;
  assembler.add(decode_both(logs_request({{.attributes = {{"gen_ai.evaluation.name", "tone"}},
                                           .span = "2",
                                           .event_name = "gen_ai.evaluation.result"}})),
                start);
  EXPECT_TRUE(assembler.take_ready(start).empty());
  add(assembler, {agent("2", "1", "helper")});
  EXPECT_EQ(agents_of(assembler.take_ready(start)), (std::vector<std::string>{"helper", "helper"}));
}

TEST(OtlpInheritance, InACircleEnds) {
  OtlpAssembler assembler;
  add(assembler, {tool("1", "2"), tool("2", "1"), tool("3", "3")});
  EXPECT_EQ(assembler.take_ready(start).size(), 3U);
}

TEST(OtlpAssembler, GivesWhatIsCompleteAtOnce) {
  OtlpAssembler assembler;
  add(assembler, {tool("2", "1", {{"gen_ai.agent.name", "a"}, {"session.id", "s"}})});
  EXPECT_FALSE(assembler.next_deadline());
  EXPECT_EQ(assembler.take_ready(start).size(), 1U);
  EXPECT_TRUE(assembler.take_ready(start).empty());
}

TEST(OtlpAssembler, LetsAnEventGoAtItsDeadline) {
  OtlpAssembler assembler;
  add(assembler, {tool("2", "1")});
  EXPECT_EQ(assembler.next_deadline(), start + milliseconds(5'000));
  EXPECT_TRUE(assembler.take_ready(start + milliseconds(4'999)).empty());
  EXPECT_EQ(agents_of(assembler.take_ready(start + milliseconds(5'000))),
            (std::vector<std::string>{"shop"}));
  EXPECT_EQ(assembler.counters().timed_out, 1);
  EXPECT_EQ(assembler.counters().held_events, 0U);
  EXPECT_EQ(assembler.counters().held_bytes, 0U);
}

TEST(OtlpAssembler, HoldsNothingWhenToldSo) {
  OtlpAssembler assembler({.hold = milliseconds(0)});
  add(assembler, {tool("2", "1")});
  EXPECT_EQ(assembler.take_ready(start).size(), 1U);
}

TEST(OtlpAssembler, LetsTheOldestGoWhenThereAreTooMany) {
  OtlpAssembler assembler({.events_max = 2});
  add(assembler, {tool("2", "1"), tool("3", "1"), tool("4", "1")});
  const auto events = assembler.take_ready(start);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event.span_id, "0000000000000002");
  EXPECT_EQ(assembler.counters().crowded_out, 1);
  EXPECT_EQ(assembler.flush().size(), 2U);
}

TEST(OtlpAssembler, LetsTheOldestGoWhenTheyAreTooLarge) {
  OtlpAssembler assembler({.bytes_max = 8'000});
  const TestSpan large = tool("2", "1", {{"gen_ai.tool.call.result", std::string(7'000, 'x')}});
  add(assembler, {large, tool("3", "1")});
  EXPECT_EQ(assembler.take_ready(start).size(), 1U);
  EXPECT_LE(assembler.counters().held_bytes, 8'000U);
}

TEST(OtlpAssembler, ForgetsTheOldestSpansWhenItKnowsTooMany) {
  OtlpAssembler assembler({.context_bytes_max = 4'000});
  add(assembler, {agent("1", "", "first")});
  for (int i = 2; i < 100; ++i) add(assembler, {plumbing(std::to_string(i), "")});
  EXPECT_LE(assembler.counters().context_bytes, 4'000U);
  (void)assembler.flush();
  add(assembler, {tool("a", "1"), tool("b", "99")});
  EXPECT_EQ(assembler.take_ready(start).size(), 1U);
  EXPECT_EQ(assembler.counters().held_events, 1U);
}

TEST(OtlpAssembler, HoldsARepeatedEventOnce) {
  OtlpAssembler assembler;
  add(assembler, {tool("2", "1")});
  add(assembler, {tool("2", "1")});
  EXPECT_EQ(assembler.counters().repeated, 1);
  add(assembler, {agent("1", "", "a")});
  add(assembler, {tool("2", "1"), agent("1", "", "a")});
  EXPECT_EQ(assembler.take_ready(start).size(), 2U);
}

TEST(OtlpAssembler, TakesAgainWhatItGaveOutBefore) {
  // The store may have been full.
  OtlpAssembler assembler;
  add(assembler, {agent("1", "", "a")});
  const auto first = assembler.take_ready(start);
  add(assembler, {agent("1", "", "a")});
  EXPECT_EQ(assembler.take_ready(start), first);
}

TEST(OtlpAssembler, GivesEventsByTime) {
  OtlpAssembler assembler;
  json late = traces_request({agent("1", "", "a")});
  late["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["startTimeUnixNano"] =
      "1700000001000000000";
  assembler.add(decode_both(late), start);
  add(assembler, {agent("2", "1", "b")});
  EXPECT_EQ(agents_of(assembler.take_ready(start)), (std::vector<std::string>{"b", "a"}));
}

// Parts of model calls.

TestSpan chat(json more = json::object()) {
  more["gen_ai.operation.name"] = "chat";
  more["gen_ai.request.model"] = "m";
  more["gen_ai.agent.name"] = "a";
  more["session.id"] = "s";
  return {.id = "2", .attributes = std::move(more)};
}

json details(const std::string& span = "2") {
  return logs_request({{.attributes = {{"gen_ai.input.messages", R"([{"role":"user"}])"}},
                        .span = span,
                        .event_name = "gen_ai.client.inference.operation.details"}});
}

TEST(OtlpPartOfSpan, IsPutIntoTheEventWhicheverComesFirst) {
  OtlpAssembler assembler;
  assembler.add(decode_both(details()), start);
  add(assembler, {chat()});
  const auto first = assembler.take_ready(start);
  ASSERT_EQ(first.size(), 1U);
  const json detail = json::parse(first[0].event.detail);
  EXPECT_EQ(detail["log_records"][0]["messages"][0]["role"], "user");
  EXPECT_EQ(first[0].event.category, "llm");

  // Such records come: now a call without messages waits for them.
  add(assembler, {chat()});
  EXPECT_TRUE(assembler.take_ready(start).empty());
  assembler.add(decode_both(details()), start);
  EXPECT_EQ(assembler.take_ready(start), first);
}

TEST(OtlpPartOfSpan, AreAllPutInByTime) {
  std::vector<TestLog> logs = {{.attributes = {{"content", "hi"}},
                                .span = "2",
                                .event_name = "gen_ai.user.message",
                                .time_ns = 1},
                               {.attributes = {{"content", "hello"}},
                                .span = "2",
                                .event_name = "gen_ai.choice",
                                .time_ns = 2}};
  OtlpAssembler assembler;
  assembler.add(decode_both(logs_request(logs)), start);
  std::swap(logs[0], logs[1]);
  OtlpAssembler swapped;
  swapped.add(decode_both(logs_request(logs)), start);
  add(assembler, {chat()});
  add(swapped, {chat()});
  const auto events = assembler.take_ready(start);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(json::parse(events[0].event.detail)["log_records"][1]["name"], "gen_ai.choice");
  EXPECT_EQ(swapped.take_ready(start), events);
}

TEST(OtlpPartOfSpan, WhoseSpanNeverComesIsAnEventButNoModelCall) {
  OtlpAssembler assembler;
  assembler.add(decode_both(details("7")), start);
  const auto events = assembler.take_ready(start + milliseconds(5'000));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event.category, "session");
  EXPECT_EQ(events[0].event.action, "gen_ai.client.inference.operation.details");
  EXPECT_EQ(events[0].event.parent_span_id, "0000000000000007");
}

TEST(OtlpPartOfSpan, IsNotWaitedForWhereMessagesAreThere) {
  OtlpAssembler assembler;
  assembler.add(decode_both(details("7")), start);
  add(assembler, {chat({{"gen_ai.input.messages", "[]"}})});
  EXPECT_EQ(assembler.take_ready(start).size(), 1U);
}

// Tool calls that are told of twice, or in two spans.

TEST(OtlpToolCall, OfAServerWithinThatOfItsClientIsNotASecondOne) {
  const json mcp{{"mcp.method.name", "tools/call"}, {"session.id", "s"}};
  for (const auto& spans :
       {std::vector{tool("1", "", mcp), plumbing("2", "1"), tool("3", "2", mcp)},
        std::vector{tool("3", "2", mcp), plumbing("2", "1"), tool("1", "", mcp)}}) {
    const auto events = events_of({traces_request(spans)});
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].event.category, "tool_call");
    EXPECT_EQ(events[1].event.category, "mcp");
    EXPECT_EQ(events[1].event.action, "tools/call");
  }
}

TEST(OtlpToolCall, OfClaudeCodeThatWasRefusedDidNotRun) {
  const TestSpan call{.id = "1", .name = "claude_code.tool", .attributes = {{"tool_name", "Bash"}}};
  const TestSpan asked{.id = "2",
                       .parent = "1",
                       .name = "claude_code.tool.blocked_on_user",
                       .attributes = {{"decision", "reject"}}};
  const auto events = events_of({traces_request({call}), traces_request({asked})});
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].event.status, "error");
  EXPECT_EQ(events[0].event.summary, "Bash: refused: reject");
  EXPECT_EQ(events[1].event.status, "denied");
}

TEST(OtlpToolCall, OfClaudeCodeWaitsForItsEnd) {
  OtlpAssembler assembler;
  add(assembler, {{.id = "1",
                   .name = "claude_code.tool",
                   .attributes = {{"tool_name", "Bash"}, {"session.id", "s"}}}});
  EXPECT_TRUE(assembler.take_ready(start).empty());
  add(assembler, {{.id = "2",
                   .parent = "1",
                   .name = "claude_code.tool.execution",
                   .attributes = {{"success", true}}}});
  const auto events = assembler.take_ready(start);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event.status, "ok");
}

}  // namespace
}  // namespace agentaudit
