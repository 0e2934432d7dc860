#include "ingest/hook_ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "agentaudit/core/names.h"
#include "agentaudit/ingest/hook.h"
#include "core/sha256.h"
#include "ingest/hook_recording.h"

namespace agentaudit {
namespace {

Event decode(const std::string& payload, std::string_view event_name = {}) {
  const auto event = decode_hook(payload, {.event_name = event_name, .now = Timestamp::from_ns(1)});
  EXPECT_TRUE(event);
  return event.value_or(Event());
}

struct Call {
  std::string tool = "Bash";
  std::string input = R"({"command":"ls"})";
  std::string id{};  // empty: the client does not tell
  std::string session = "s1";
};

Event hook(const std::string& name, const Call& call = {}) {
  return decode(R"({"hook_event_name":")" + name + R"(","session_id":")" + call.session +
                R"(","tool_name":")" + call.tool + R"(","tool_input":)" + call.input +
                (call.id.empty() ? "" : R"(,"tool_use_id":")" + call.id + "\"") + "}");
}

// Intents that never ended, as `agentaudit pending` tells them: a pending event is ended
// by a later one of the same span with another status; one that asks for an approval
// also by the end of what it asked for, which names it as its parent.
std::vector<std::string> open_intents(const std::vector<Event>& events) {
  std::vector<std::string> open;
  for (auto intent = events.begin(); intent != events.end(); ++intent) {
    if (intent->status != status::pending || intent->span_id.empty()) continue;
    const bool ended = std::any_of(intent + 1, events.end(), [&](const Event& later) {
      if (later.status == status::pending) return false;
      return later.span_id == intent->span_id ||
             (intent->category == category::approval && later.parent_span_id == intent->span_id);
    });
    if (!ended) open.push_back(intent->category + " " + intent->summary);
  }
  return open;
}

using Open = std::vector<std::string>;

TEST(HookIds, AreTheDocumentedDigests) {
  const Event event = hook("PreToolUse", {.id = "toolu_1"});
  using namespace std::string_literals;
  EXPECT_EQ(event.trace_id, sha256_hex("trace\0s1"s).substr(0, 32));
  EXPECT_EQ(event.span_id, sha256_hex("call\0s1\0toolu_1"s).substr(0, 16));
  EXPECT_EQ(event.parent_span_id,
            sha256_hex("request\0s1\0Bash\0{\"command\":\"ls\"}"s).substr(0, 16));
  EXPECT_EQ(hook("PreToolUse").span_id,
            sha256_hex("call\0s1\0Bash\0{\"command\":\"ls\"}"s).substr(0, 16));
}

TEST(HookIds, AnIntentAndItsEffectShareASpan) {
  for (const std::string id : {"", "toolu_1"}) {
    const Event intent = hook("PreToolUse", {.id = id});
    EXPECT_EQ(intent.span_id.size(), 16U);
    EXPECT_EQ(hook("PostToolUse", {.id = id}).span_id, intent.span_id);
    EXPECT_EQ(hook("PostToolUseFailure", {.id = id}).span_id, intent.span_id);
    EXPECT_EQ(hook("PermissionDenied", {.id = id}).span_id, intent.span_id);
  }
}

TEST(HookIds, TheSameCommandTwiceIsTwoSpansWhereTheClientTellsThemApart) {
  EXPECT_NE(hook("PreToolUse", {.id = "a"}).span_id, hook("PreToolUse", {.id = "b"}).span_id);
}

TEST(HookIds, OtherConversationsAreOtherTracesAndSpans) {
  const Event one = hook("PreToolUse", {.id = "a", .session = "s1"});
  const Event two = hook("PreToolUse", {.id = "a", .session = "s2"});
  EXPECT_NE(one.trace_id, two.trace_id);
  EXPECT_NE(one.span_id, two.span_id);
  EXPECT_NE(one.parent_span_id, two.parent_span_id);
}

TEST(HookIds, ARewrittenInputDoesNotPartAnEffectFromItsIntent) {
  EXPECT_EQ(hook("PreToolUse", {.input = R"({"command":"ls"})", .id = "a"}).span_id,
            hook("PostToolUse", {.input = R"({"command":"rtk ls"})", .id = "a"}).span_id);
}

TEST(HookIds, WithoutAConversationOnlyAnIdMakesASpan) {
  EXPECT_EQ(hook("PreToolUse", {.session = ""}).span_id, "");
  EXPECT_EQ(hook("PreToolUse", {.session = ""}).parent_span_id, "");
  EXPECT_EQ(hook("PreToolUse", {.session = ""}).trace_id, "");
  EXPECT_EQ(hook("PreToolUse", {.id = "a", .session = ""}).span_id.size(), 16U);
}

TEST(HookIds, HowAnInputIsWrittenMakesNoDifference) {
  const std::string span = hook("PreToolUse", {.input = R"({"a":["ü",1],"b":null})"}).span_id;
  for (const std::string input :
       {R"({ "a" : [ "ü" , 1 ] , "b" : null })", R"({"b":null,"a":["\u00fc",1]})",
        R"("{\"b\": null, \"a\": [\"ü\", 1]}")"}) {
    EXPECT_EQ(hook("PostToolUse", {.input = input}).span_id, span) << input;
  }
  EXPECT_NE(hook("PostToolUse", {.input = R"({"a":[1,"ü"],"b":null})"}).span_id, span);
}

TEST(HookIds, CopilotMayWriteAnInputAsTextAndAsAnObject) {
  EXPECT_EQ(
      decode(R"({"sessionId":"1","toolName":"bash","toolArgs":"{\"command\":\"ls\"}"})",
             "preToolUse")
          .span_id,
      decode(R"({"sessionId":"1","toolName":"bash","toolArgs":{"command":"ls"}})", "postToolUse")
          .span_id);
}

TEST(HookIds, CursorsShellCommandsAreJoinedByTheCommand) {
  const std::string start = R"({"conversation_id":"c","generation_id":"g","hook_event_name":)";
  const Event before = decode(start + R"("beforeShellExecution","command":"ls","cwd":"/"})");
  const Event after = decode(start + R"("afterShellExecution","command":"ls","output":"a"})");
  EXPECT_EQ(before.span_id.size(), 16U);
  EXPECT_EQ(before.span_id, after.span_id);
  EXPECT_EQ(open_intents({before, after}), Open{});
}

TEST(HookIds, TextThatLooksLikeANumberOrIsBrokenJsonIsText) {
  const auto document = JsonDocument::parse(R"(["7","{broken","[1, 2]","null"])");
  ASSERT_TRUE(document);
  const auto& items = document->root().items;
  EXPECT_EQ(canonical_json(items[0]), "\"7\"");
  EXPECT_EQ(canonical_json(items[1]), "\"{broken\"");
  EXPECT_EQ(canonical_json(items[2]), "[1,2]");
  EXPECT_EQ(canonical_json(items[3]), "\"null\"");
}

TEST(HookIds, OfSessionsAreOnlyATrace) {
  const Event event = hook("SessionStart");
  EXPECT_EQ(event.trace_id.size(), 32U);
  EXPECT_EQ(event.span_id, "");
  EXPECT_EQ(event.parent_span_id, "");
}

// Approvals.

TEST(HookApproval, IsTheParentOfTheCallThatItAsksFor) {
  const Event asked = hook("PermissionRequest");
  EXPECT_EQ(asked.span_id.size(), 16U);
  EXPECT_EQ(asked.parent_span_id, "");
  EXPECT_EQ(hook("PreToolUse", {.id = "a"}).parent_span_id, asked.span_id);
  EXPECT_NE(hook("PreToolUse", {.id = "a"}).span_id, asked.span_id);
  EXPECT_NE(hook("PreToolUse").span_id, asked.span_id);
}

TEST(HookApproval, ThatIsGrantedEndsWithTheCall) {
  for (const std::string id : {"", "toolu_1"}) {
    EXPECT_EQ(open_intents({hook("PreToolUse", {.id = id}), hook("PermissionRequest"),
                            hook("PostToolUse", {.id = id})}),
              Open{});
    EXPECT_EQ(open_intents({hook("PreToolUse", {.id = id}), hook("PermissionRequest"),
                            hook("PostToolUseFailure", {.id = id})}),
              Open{});
  }
}

TEST(HookApproval, ThatIsRefusedInSilenceStaysOpenWithItsCall) {
  EXPECT_EQ(open_intents({hook("PreToolUse", {.id = "a"}), hook("PermissionRequest"),
                          hook("PreToolUse", {.input = "{}", .id = "b"}),
                          hook("PostToolUse", {.input = "{}", .id = "b"}), hook("Stop")}),
            (Open{"tool_call Bash: ls", "approval Bash: ls"}));
}

TEST(HookApproval, ThatIsRefusedAloudEndsWithItsCall) {
  EXPECT_EQ(open_intents({hook("PreToolUse", {.id = "a"}), hook("PermissionRequest"),
                          hook("PermissionDenied", {.id = "a"})}),
            Open{});
}

TEST(HookApproval, OfTheSameCommandAgainIsOpenAgain) {
  EXPECT_EQ(open_intents({hook("PreToolUse", {.id = "a"}), hook("PermissionRequest"),
                          hook("PostToolUse", {.id = "a"}), hook("PreToolUse", {.id = "b"}),
                          hook("PermissionRequest")}),
            (Open{"tool_call Bash: ls", "approval Bash: ls"}));
}

TEST(HookApproval, OfOpenCodeEndsWithItsReply) {
  const Event asked = decode(
      R"({"type":"permission.updated","properties":{"id":"per_1","type":"bash","sessionID":"s",)"
      R"("callID":"c1","title":"rm -rf dist","metadata":{}}})");
  const Event reply =
      decode(R"({"type":"permission.replied","properties":{"sessionID":"s","permissionID":"per_1",)"
             R"("response":"once"}})");
  const Event call = decode(
      R"({"type":"tool.execute.before","input":{"tool":"bash","sessionID":"s","callID":"c1"},)"
      R"("output":{"args":{"command":"rm -rf dist"}}})");
  EXPECT_EQ(asked.summary, "bash: rm -rf dist");
  EXPECT_EQ(asked.parent_span_id, call.span_id);
  EXPECT_EQ(open_intents({asked}), Open{"approval bash: rm -rf dist"});
  EXPECT_EQ(open_intents({asked, reply}), Open{});
}

TEST(HookApproval, OfAnElicitationEndsWithItsResult) {
  const std::string start = R"({"session_id":"s","mcp_server_name":"billing","hook_event_name":)";
  const Event asked = decode(start + R"("Elicitation","message":"Pay 5 EUR?"})");
  const Event answer = decode(start + R"("ElicitationResult","action":"decline"})");
  EXPECT_EQ(open_intents({asked}), Open{"approval billing: Elicitation: Pay 5 EUR?"});
  EXPECT_EQ(open_intents({asked, answer}), Open{});
}

TEST(HookRecordingIds, ClaudeCodeLeavesOpenExactlyWhatWasRefused) {
  EXPECT_EQ(open_intents(decode_recording("claude-code")),
            (Open{"tool_call Bash: ls /does/not/exist; exit 3",
                  "approval Bash: ls /does/not/exist; exit 3",
                  "tool_call Bash: curl http://127.0.0.1:9/upload"}));
}

TEST(HookRecordingIds, CodexLeavesOpenExactlyWhatFailedWithoutAHook) {
  EXPECT_EQ(open_intents(decode_recording("codex")),
            (Open{R"(tool_call mcp__everything__get_sum: {"a":"two"})"}));
}

}  // namespace
}  // namespace agentaudit
