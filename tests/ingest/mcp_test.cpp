// What MCP messages become, one behaviour a test. docs/mcp.md is the specification.
#include "agentaudit/ingest/mcp.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "agentaudit/core/limits.h"
#include "ingest/mcp_conversation.h"

namespace agentaudit {
namespace {

using nlohmann::json;

TEST(Mcp, MakesOneEventOfACallAndItsResult) {
  Conversation conversation;
  conversation.client(echo);
  EXPECT_TRUE(conversation.events().empty());
  conversation.server(R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
  const Event event = conversation.only();
  EXPECT_EQ(event.category, "tool_call");
  EXPECT_EQ(event.action, "execute");
  EXPECT_EQ(event.target, "echo");
  EXPECT_EQ(event.summary, "echo: hi");
  EXPECT_EQ(event.status, "ok");
  EXPECT_EQ(event.source, "mcp");
  EXPECT_EQ(event.agent, "unknown");
  EXPECT_EQ(event.timestamp, Timestamp::from_ns(10'000'000));
  EXPECT_EQ(event.duration.count(), 10);
  EXPECT_EQ(event.conversation_id, "c0");
  EXPECT_EQ(event.trace_id.size(), 32U);
  EXPECT_EQ(event.span_id.size(), 16U);
  EXPECT_EQ(event.detail,
            R"({"server":"server","method":"tools/call","request_id":1,)"
            R"("arguments":{"message":"hi"},"params":{"name":"echo"},"result":{"content":[]}})");
}

TEST(Mcp, TakesAnErrorInEitherFormForOne) {
  Conversation tool;
  tool.client(echo).server(
      R"({"id":1,"result":{"isError":true,"content":[{"type":"text","text":"no such file"}]}})");
  EXPECT_EQ(tool.only().status, "error");
  EXPECT_EQ(tool.only().summary, "echo: hi: no such file");
  Conversation protocol;
  protocol.client(echo).server(R"({"id":1,"error":{"code":-32602,"message":"unknown tool"}})");
  EXPECT_EQ(protocol.only().status, "error");
  EXPECT_EQ(protocol.only().summary, "echo: hi: unknown tool");
}

TEST(Mcp, LearnsNamesFromInitialize) {
  Conversation conversation;
  conversation
      .client(R"({"id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
              R"("clientInfo":{"name":"claude-code","version":"2"}}})")
      .server(R"({"id":0,"result":{"serverInfo":{"name":"files","version":"1"}}})")
      .client(R"({"id":1,"method":"resources/read","params":{"uri":"file:///a"}})")
      .server(R"({"id":1,"result":{"contents":[]}})");
  EXPECT_EQ(told(conversation),
            (Told{"mcp/initialize ok files", "mcp/resources/read ok file:///a"}));
  EXPECT_EQ(conversation.events()[0].agent, "claude-code");
  EXPECT_EQ(conversation.events()[1].agent, "claude-code");
  EXPECT_EQ(conversation.events()[1].summary, "file:///a: resources/read");
  EXPECT_EQ(json::parse(conversation.events()[1].detail)["server"], "files");
}

TEST(Mcp, LearnsNamesWithoutInitializeSince20260728) {
  Conversation conversation;
  conversation
      .client(R"({"id":"d","method":"server/discover","params":{"_meta":{)"
              R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
              R"("io.modelcontextprotocol/clientInfo":{"name":"codex","version":"1"}}}})")
      .server(R"({"id":"d","result":{"resultType":"complete","supportedVersions":["2026-07-28"],)"
              R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"files"}}}})");
  EXPECT_EQ(told(conversation), Told{"mcp/server/discover ok files"});
  EXPECT_EQ(conversation.only().agent, "codex");
}

TEST(Mcp, CallsTheServerWhatItsUserCallsIt) {
  Conversation conversation({.connection = "c0", .server = "mine", .server_default = "npx"});
  conversation.client(R"({"id":0,"method":"initialize"})")
      .server(R"({"id":0,"result":{"serverInfo":{"name":"files"}}})");
  EXPECT_EQ(conversation.only().target, "mine");
}

TEST(Mcp, TellsEqualIdsOfBothSidesAndKindsApart) {
  Conversation conversation;
  conversation.client(R"({"id":1,"method":"tools/call","params":{"name":"number"}})")
      .client(R"({"id":"1","method":"tools/call","params":{"name":"text"}})")
      .server(R"({"id":1,"method":"roots/list"})")
      .client(R"({"id":1,"result":{"roots":[]}})")
      .server(R"({"id":"1","result":{}})")
      .server(R"({"id":1,"result":{}})");
  EXPECT_EQ(told(conversation), (Told{"mcp/roots/list ok server", "tool_call/execute ok text",
                                      "tool_call/execute ok number"}));
}

TEST(Mcp, EndsACancelledCallOnce) {
  Conversation conversation;
  conversation.client(echo)
      .client(R"({"method":"notifications/cancelled",)"
              R"("params":{"requestId":1,"reason":"user pressed escape"}})")
      .server(R"({"id":1,"result":{}})");
  EXPECT_EQ(conversation.only().status, "error");
  EXPECT_EQ(json::parse(conversation.only().detail)["reason"], "cancelled: user pressed escape");
  EXPECT_EQ(conversation.counters().unmatched, 1);
}

TEST(Mcp, LetsNobodyCancelWhatTheOtherSideAsked) {
  Conversation conversation;
  conversation.client(echo)
      .server(R"({"method":"notifications/cancelled","params":{"requestId":1}})")
      .server(R"({"id":1,"result":{}})");
  EXPECT_EQ(conversation.only().status, "ok");
}

TEST(Mcp, EndsWithTheServerWhatItDidNotAnswer) {
  Conversation conversation;
  conversation.client(echo).end({.signal = "SIGKILL"});
  EXPECT_EQ(told(conversation), (Told{"tool_call/execute error echo", "mcp/exit error server"}));
  EXPECT_EQ(conversation.events()[1].summary, "server: killed by SIGKILL");
  EXPECT_EQ(json::parse(conversation.events()[1].detail)["unanswered"], 1);
}

TEST(Mcp, TakesAnEndThatTheClientAskedForAsNone) {
  EXPECT_EQ(told(Conversation().end()), Told{"mcp/exit ok server"});
  EXPECT_EQ(told(Conversation().end({.exit_status = 3})), Told{"mcp/exit error server"});
  EXPECT_EQ(told(Conversation().end({.signal = "SIGTERM", .signal_passed_on = true})),
            Told{"mcp/exit ok server"});
  EXPECT_EQ(told(Conversation().end({.error = "cannot run x"})), Told{"mcp/exit error server"});
}

TEST(Mcp, MakesApprovalsOfElicitations) {
  for (const auto& [action, ended] : {std::pair("accept", "approval/approve ok echo"),
                                      std::pair("decline", "approval/deny denied echo"),
                                      std::pair("cancel", "approval/deny denied echo")}) {
    Conversation conversation;
    conversation.client(echo)
        .server(R"({"id":7,"method":"elicitation/create","params":{"message":"Delete it?"}})")
        .client(R"({"id":7,"result":{"action":")" + std::string(action) + R"("}})")
        .server(R"({"id":1,"result":{}})");
    ASSERT_EQ(told(conversation),
              (Told{"approval/request pending echo", ended, "tool_call/execute ok echo"}));
    const auto& events = conversation.events();
    EXPECT_EQ(events[0].summary, "echo: Delete it?");
    EXPECT_EQ(events[0].span_id, events[1].span_id);
    EXPECT_EQ(events[0].parent_span_id, events[2].span_id);
    EXPECT_EQ(events[0].trace_id, events[2].trace_id);
  }
}

TEST(Mcp, BelievesNoCallToAskWhereSeveralAreOpen) {
  Conversation conversation;
  conversation.client(echo)
      .client(R"({"id":2,"method":"tools/call","params":{"name":"other"}})")
      .server(R"({"id":7,"method":"elicitation/create","params":{"message":"Sure?"}})");
  EXPECT_EQ(told(conversation), Told{"approval/request pending server"});
  EXPECT_EQ(conversation.only().parent_span_id, "");
}

TEST(Mcp, MakesAModelCallOfSampling) {
  Conversation conversation;
  conversation
      .server(R"({"id":1,"method":"sampling/createMessage","params":{"maxTokens":20,"messages":[)"
              R"({"role":"user","content":{"type":"text","text":"Say hi"}}]}})")
      .client(R"({"id":1,"result":{"model":"m-1","role":"assistant","content":{}}})");
  const Event event = conversation.only();
  EXPECT_EQ(event.category, "llm");
  EXPECT_EQ(event.action, "complete");
  EXPECT_EQ(event.target, "m-1");
  EXPECT_EQ(event.summary, "m-1: Say hi");
  const json detail = json::parse(event.detail);
  EXPECT_EQ(detail["model"], "m-1");
  EXPECT_EQ(detail["messages"].size(), 1U);
  EXPECT_EQ(detail["params"], json({{"maxTokens", 20}}));
}

TEST(Mcp, TellsOfSamplingWhatItsLastMessageSays) {
  for (const auto& [content, summary] :
       {std::pair(R"([{"type":"text","text":"One"},{"type":"text","text":"Two"}])", "m-1: Two"),
        std::pair("[]", "m-1"), std::pair("7", "m-1")}) {
    Conversation conversation;
    conversation
        .server(R"({"id":1,"method":"sampling/createMessage","params":{"messages":[{"content":)" +
                std::string(content) + "}]}}")
        .client(R"({"id":1,"result":{"model":"m-1"}})");
    EXPECT_EQ(conversation.only().summary, summary);
  }
}

TEST(Mcp, KeepsTraceContextAndTheClientsIds) {
  Conversation conversation;
  conversation
      .client(R"({"id":1,"method":"tools/call","params":{"name":"a","_meta":{"traceparent":)"
              R"("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
              R"("claudecode/toolUseId":"toolu_1"}}})")
      .server(R"({"id":1,"result":{}})");
  const Event event = conversation.only();
  EXPECT_EQ(event.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(event.parent_span_id, "b7ad6b7169203331");
  EXPECT_EQ(json::parse(event.detail)["tool_call_id"], "toolu_1");
}

TEST(Mcp, KnowsTheConversationAndCallOfCodex) {
  for (const std::string turn : {R"({"session_id":"s9"})", R"("{\"session_id\":\"s9\"}")"}) {
    Conversation conversation;
    conversation
        .client(R"({"id":1,"method":"tools/call","params":{"name":"a","_meta":{"callId":"call_1",)"
                R"("x-codex-turn-metadata":)" +
                turn + "}}}")
        .server(R"({"id":1,"result":{}})");
    EXPECT_EQ(conversation.only().conversation_id, "s9");
    EXPECT_EQ(conversation.only().parent_span_id.size(), 16U);
    EXPECT_EQ(json::parse(conversation.only().detail)["tool_call_id"], "call_1");
  }
}

TEST(Mcp, PassesOverWhatIsNoTraceparent) {
  for (const std::string text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                                 "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                 "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                 "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    Conversation conversation;
    conversation
        .client(R"({"id":1,"method":"a","params":{"_meta":{"traceparent":")" + text + R"("}}})")
        .server(R"({"id":1,"result":{}})");
    EXPECT_EQ(conversation.only().parent_span_id, "") << text;
  }
}

TEST(Mcp, PassesOverWhatIsNoMessage) {
  Conversation conversation;
  for (const std::string_view line :
       {"", "   ", "Server listening", "\xff\xfe\x00", "{", "{}", "[]", "[1,null,{}]", "null",
        R"({"id":null,"result":{}})", R"({"id":{},"result":{}})", R"({"id":1})",
        R"({"method":"","id":1})"}) {
    conversation.client(line).server(line);
  }
  EXPECT_TRUE(conversation.events().empty());
  EXPECT_EQ(conversation.counters().passed_over, 2 * (12 + 3));
  conversation.client(echo).server(R"({"id":1,"result":{}})");
  EXPECT_EQ(conversation.only().status, "ok");
}

TEST(Mcp, ReadsWhatStandsInABatch) {
  Conversation conversation;
  conversation.client("[" + std::string(echo) + R"(,7,{"id":2,"method":"ping"}])")
      .server(R"([{"id":2,"result":{}},{"id":1,"result":{}}])");
  EXPECT_EQ(told(conversation), Told{"tool_call/execute ok echo"});
  EXPECT_EQ(conversation.counters().passed_over, 1);
}

TEST(Mcp, KeepsLoneSurrogatesAndBadBytes) {
  Conversation conversation;
  conversation
      .client(
          "{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"arguments\":"
          "{\"x\":\"\\ud800\",\"y\":\"\xff\"}}}")
      .server(R"({"id":1,"result":{"text":"\udfff"}})");
  EXPECT_NE(conversation.only().detail.find(R"("\ud800")"), std::string::npos);
  EXPECT_NE(conversation.only().detail.find(R"("\udfff")"), std::string::npos);
}

TEST(Mcp, RecordsAGapForALineThatIsTooLarge) {
  Conversation conversation;
  conversation.server("{\"id\":1,\"result\":\"" + std::string(limits::line_bytes_max, 'x') + "\"}");
  EXPECT_EQ(told(conversation), Told{"audit/gap error server"});
  EXPECT_EQ(json::parse(conversation.only().detail)["reason"], "line_too_large");
  EXPECT_EQ(conversation.counters().unread, 1);
}

TEST(Mcp, RecordsTheOldestRequestAsUnansweredWhereThereAreTooMany) {
  Conversation conversation({.connection = "c0", .server_default = "server", .requests_max = 2});
  for (const std::string id : {"1", "2", "3"}) {
    conversation.client(R"({"id":)" + id + R"(,"method":"tools/call","params":{"name":"t)" + id +
                        "\"}}");
  }
  EXPECT_EQ(told(conversation), Told{"tool_call/execute error t1"});
}

TEST(Mcp, BoundsWhatOpenRequestsAsk) {
  Conversation conversation({.connection = "c0", .server_default = "server", .bytes_max = 100'000});
  for (const std::string id : {"1", "2", "3"}) {
    conversation.client(R"({"id":)" + id + R"(,"method":"tools/call","params":{"name":"t)" + id +
                        R"(","arguments":{"x":")" + std::string(45'000, 'x') + "\"}}}");
  }
  EXPECT_EQ(told(conversation), Told{"tool_call/execute error t1"});
}

TEST(Mcp, EndsARequestWhoseIdIsUsedAgain) {
  Conversation conversation;
  conversation.client(echo).client(echo).server(R"({"id":1,"result":{}})");
  EXPECT_EQ(told(conversation),
            (Told{"tool_call/execute error echo", "tool_call/execute ok echo"}));
}

TEST(Mcp, TakesASubscriptionThatEndsForDone) {
  Conversation conversation;
  conversation.client(R"({"id":1,"method":"subscriptions/listen","params":{}})")
      .server(R"({"method":"notifications/cancelled","params":{"requestId":1}})");
  EXPECT_EQ(told(conversation), Told{"mcp/subscriptions/listen ok server"});
}

TEST(Mcp, RecordsAPingOnlyWhenItFails) {
  Conversation conversation;
  conversation.client(R"({"id":1,"method":"ping"})")
      .server(R"({"id":1,"result":{}})")
      .client(R"({"id":2,"method":"ping"})")
      .server(R"({"id":2,"error":{"code":1,"message":"no"}})");
  EXPECT_EQ(told(conversation), Told{"mcp/ping error server"});
}

TEST(Mcp, CutsNamesThatOthersGive) {
  Conversation conversation;
  conversation.client(R"({"id":1,"method":")" + std::string(5'000, 'm') + R"("})")
      .server(R"({"id":1,"result":{}})");
  EXPECT_EQ(conversation.only().action.size(), 1'024U);
  EXPECT_LE(conversation.only().summary.size(), 200U);
}

}  // namespace
}  // namespace agentaudit
