// MCP requests that go on after their first answer: as a task, or with a retry.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "agentaudit/ingest/mcp.h"
#include "ingest/mcp_conversation.h"

namespace agentaudit {
namespace {

using nlohmann::json;

constexpr std::string_view asks_for_input =
    R"({"id":1,"result":{"resultType":"input_required","requestState":"s1","inputRequests":{)"
    R"("ok":{"method":"elicitation/create","params":{"message":"Delete it?"}}}}})";

TEST(Mcp, JoinsACallThatAsksForInputWithItsRetry) {
  Conversation conversation;
  conversation.client(echo).server(asks_for_input);
  EXPECT_EQ(told(conversation), Told{"approval/request pending echo"});
  conversation
      .client(R"({"id":2,"method":"tools/call","params":{"name":"echo","arguments":{},)"
              R"("requestState":"s1","inputResponses":{"ok":{"action":"accept"}}}})")
      .server(R"({"id":2,"result":{"resultType":"complete","content":[]}})");
  ASSERT_EQ(told(conversation), (Told{"approval/request pending echo", "approval/approve ok echo",
                                      "tool_call/execute ok echo"}));
  const auto& events = conversation.events();
  EXPECT_EQ(events[0].span_id, events[1].span_id);
  EXPECT_EQ(events[0].parent_span_id, events[2].span_id);
  EXPECT_EQ(events[1].duration.count(), 10);
  EXPECT_EQ(events[2].timestamp, Timestamp::from_ns(10'000'000));
  EXPECT_EQ(events[2].duration.count(), 30);
}

TEST(Mcp, PassesOverAQuestionThatNamesNoMethod) {
  Conversation conversation;
  conversation.client(echo).server(
      R"({"id":1,"result":{"resultType":"input_required","inputRequests":{"a":{},"b":7}}})");
  EXPECT_TRUE(conversation.events().empty());
}

TEST(Mcp, RecordsARefusalOfInput) {
  Conversation conversation;
  conversation.client(echo)
      .server(asks_for_input)
      .client(R"({"id":2,"method":"tools/call","params":{"name":"echo","requestState":"s1",)"
              R"("inputResponses":{"ok":{"action":"decline"}}}})");
  EXPECT_EQ(told(conversation),
            (Told{"approval/request pending echo", "approval/deny denied echo"}));
}

TEST(Mcp, TakesNoRetryOfAnotherStateForThisOne) {
  Conversation conversation;
  conversation.client(echo)
      .server(asks_for_input)
      .client(R"({"id":2,"method":"tools/call","params":{"name":"echo","requestState":"s2",)"
              R"("inputResponses":{"ok":{"action":"accept"}}}})");
  // The answer is recorded all the same, the question stays open.
  ASSERT_EQ(told(conversation),
            (Told{"approval/request pending echo", "approval/approve ok echo"}));
  EXPECT_NE(conversation.events()[0].span_id, conversation.events()[1].span_id);
  conversation.end();
  EXPECT_EQ(told(conversation).size(), 6U);
  EXPECT_EQ(told(conversation)[2], "approval/request error echo");
  EXPECT_EQ(told(conversation)[3], "tool_call/execute error echo");
}

constexpr std::string_view becomes_a_task =
    R"({"id":1,"result":{"task":{"taskId":"t1","status":"working"}}})";

TEST(Mcp, EndsATaskWithItsResult) {
  Conversation conversation;
  conversation.client(echo)
      .server(becomes_a_task)
      .client(R"({"id":2,"method":"tasks/result","params":{"taskId":"t1"}})")
      .server(R"({"id":2,"result":{"isError":true,"content":[]}})");
  ASSERT_EQ(told(conversation),
            (Told{"tool_call/execute pending echo", "mcp/tasks/result error server",
                  "tool_call/execute error echo"}));
  EXPECT_EQ(conversation.events()[0].span_id, conversation.events()[2].span_id);
}

TEST(Mcp, EndsATaskThatFails) {
  Conversation conversation;
  conversation.client(echo)
      .server(becomes_a_task)
      .server(R"({"method":"notifications/tasks/status","params":{"taskId":"t1","status":"failed",)"
              R"("statusMessage":"out of memory"}})");
  ASSERT_EQ(told(conversation).size(), 2U);
  EXPECT_EQ(conversation.events()[1].summary, "echo: hi: the task failed: out of memory");
}

TEST(Mcp, TakesATaskThatWasCompletedForDone) {
  Conversation conversation;
  conversation.client(echo)
      .server(becomes_a_task)
      .server(R"({"method":"notifications/tasks/status",)"
              R"("params":{"taskId":"t1","status":"completed"}})")
      .end();
  EXPECT_EQ(told(conversation)[1], "tool_call/execute ok echo");
}

TEST(Mcp, KnowsWhichTaskAsks) {
  const std::string asks = R"({"id":7,"method":"elicitation/create","params":{"message":"Sure?",)"
                           R"("_meta":{"io.modelcontextprotocol/related-task":{"taskId":"ID"}}}})";
  for (const auto& [id, target] : {std::pair("t1", "echo"), std::pair("t9", "server")}) {
    std::string question = asks;
    question.replace(question.find("ID"), 2, id);
    Conversation conversation;
    conversation.client(echo).server(becomes_a_task).server(question);
    ASSERT_EQ(told(conversation), (Told{"tool_call/execute pending echo",
                                        std::string("approval/request pending ") + target}));
    const auto& events = conversation.events();
    EXPECT_EQ(events[1].parent_span_id,
              std::string_view(id) == "t1" ? events[0].span_id : std::string());
  }
}

TEST(Mcp, RecordsAQuestionThatTheRetryDoesNotAnswer) {
  Conversation conversation;
  conversation.client(echo)
      .server(R"({"id":1,"result":{"resultType":"input_required","inputRequests":{)"
              R"("a":{"method":"elicitation/create","params":{"message":"One?"}},)"
              R"("b":{"method":"elicitation/create","params":{"message":"Two?"}}}}})")
      .client(R"({"id":2,"method":"tools/call","params":{"name":"echo",)"
              R"("inputResponses":{"b":{"action":"accept"}}}})");
  ASSERT_EQ(told(conversation),
            (Told{"approval/request pending echo", "approval/request pending echo",
                  "approval/request error echo", "approval/approve ok echo"}));
  EXPECT_EQ(json::parse(conversation.events()[2].detail)["reason"], "the retry does not answer it");
}

TEST(Mcp, TakesAnAnswerThatItDoesNotKnowForAnError) {
  Conversation conversation;
  conversation.client(echo)
      .server(R"({"id":7,"method":"elicitation/create","params":{"message":"Sure?"}})")
      .client(R"({"id":7,"result":{"action":"maybe"}})");
  EXPECT_EQ(told(conversation),
            (Told{"approval/request pending echo", "approval/request error echo"}));
  EXPECT_EQ(json::parse(conversation.events()[1].detail)["reason"], "no answer that is known");
}

TEST(Mcp, EndsTheOldestThatWaitsWhereTooManyDo) {
  const McpSessionOptions one{
      .connection = "c0", .server_default = "server", .requests_max = 10, .waiting_max = 1};
  const auto call = [](int id) {
    return R"({"id":)" + std::to_string(id) + R"(,"method":"tools/call","params":{"name":"t)" +
           std::to_string(id) + "\"}}";
  };
  const auto becomes = [](int id) {
    return R"({"id":)" + std::to_string(id) + R"(,"result":{"task":{"taskId":"t)" +
           std::to_string(id) + "\"}}}";
  };
  Conversation tasks(one);
  tasks.client(call(1)).server(becomes(1)).client(call(2)).server(becomes(2));
  EXPECT_EQ(told(tasks), (Told{"tool_call/execute pending t1", "tool_call/execute pending t2",
                               "tool_call/execute error t1"}));
  EXPECT_EQ(json::parse(tasks.events()[2].detail)["reason"], "its task did not end");
  tasks
      .server(R"({"method":"notifications/tasks/status",)"
              R"("params":{"taskId":"t2","status":"completed"}})")
      .client(call(3))
      .server(becomes(3));
  EXPECT_EQ(told(tasks).back(), "tool_call/execute ok t2");

  Conversation rounds(one);
  for (const int id : {1, 2}) {
    rounds.client(call(id)).server(R"({"id":)" + std::to_string(id) +
                                   R"(,"result":{"resultType":"input_required"}})");
  }
  EXPECT_EQ(told(rounds), Told{"tool_call/execute error t1"});
  EXPECT_EQ(json::parse(rounds.only().detail)["reason"],
            "it asked for input and was not tried again");
}

TEST(Mcp, GoesOnWhereItsSessionIsMoved) {
  McpSession first({.connection = "c0", .server_default = "server"});
  EXPECT_TRUE(first.take(McpSender::client, echo, {}).empty());
  McpSession second(std::move(first));
  McpSession third;
  third = std::move(second);
  const auto events = third.take(McpSender::server, R"({"id":1,"result":{}})", {});
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].target, "echo");
}

}  // namespace
}  // namespace agentaudit
