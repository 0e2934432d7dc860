#include "agentaudit/ingest/hook.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "agentaudit/core/limits.h"
#include "core/utf8.h"

namespace agentaudit {
namespace {

const Timestamp some_time = Timestamp::parse("2026-11-24T08:00:00Z").value();

Event decode(std::string_view payload, std::string_view event_name = {}) {
  const auto event = decode_hook(payload, {.event_name = event_name, .now = some_time});
  EXPECT_TRUE(event);
  return event.value_or(Event());
}

// A payload of a hook whose other members are given as JSON text.
std::string hook(const std::string& name, const std::string& members = "") {
  return R"({"hook_event_name":")" + name + R"(","session_id":"s1")" +
         (members.empty() ? "" : "," + members) + "}";
}

TEST(Hook, TellsWhoDidWhatToWhat) {
  const Event event = decode(
      R"({"session_id":"s1","hook_event_name":"PostToolUse","agent_type":"Explore","tool_name":)"
      R"("Bash","tool_input":{"command":"ls"},"tool_use_id":"t1","duration_ms":12})");
  EXPECT_EQ(event.category, "tool_call");
  EXPECT_EQ(event.action, "execute");
  EXPECT_EQ(event.agent, "Explore");
  EXPECT_EQ(event.status, "ok");
  EXPECT_EQ(event.target, "Bash");
  EXPECT_EQ(event.summary, "Bash: ls");
  EXPECT_EQ(event.duration.count(), 12);
  EXPECT_EQ(event.source, "hook");
  EXPECT_EQ(event.conversation_id, "s1");
  EXPECT_EQ(event.timestamp, some_time);
  EXPECT_EQ(event.id, 0);
}

// Names.

TEST(HookName, OfThePayloadGoesBeforeTheOneGiven) {
  EXPECT_EQ(decode(hook("SessionEnd"), "PreToolUse").action, "session_end");
  EXPECT_EQ(decode(hook("Novelty"), "PreToolUse").action, "Novelty");
}

TEST(HookName, GivenIsUsedWhereThePayloadHasNone) {
  EXPECT_EQ(decode(R"({"toolName":"bash","toolArgs":"{}"})", "preToolUse").status, "pending");
}

TEST(HookName, GivenGoesBeforeATypeThatMeansSomethingElse) {
  EXPECT_EQ(decode(R"({"type":"info"})", "sessionStart").action, "session_start");
  EXPECT_EQ(decode(R"({"type":"info"})", "novelty").action, "novelty");
  EXPECT_EQ(decode(R"({"type":"session.error"})", "event").action, "fail");
}

TEST(HookName, ThatIsUnknownBecomesTheActionOfASession) {
  const Event event = decode(hook("BeforeCoffee", R"("message":"two sugars")"));
  EXPECT_EQ(event.category, "session");
  EXPECT_EQ(event.action, "BeforeCoffee");
  EXPECT_EQ(event.status, "ok");
  EXPECT_EQ(event.summary, "BeforeCoffee: two sugars");
}

TEST(HookName, ThatIsMissingIsSaidToBe) {
  EXPECT_EQ(decode("{}").action, "unnamed_hook");
  EXPECT_EQ(decode(R"({"hook_event_name":7})").action, "unnamed_hook");
}

TEST(HookName, IsKnownInEitherCase) {
  EXPECT_EQ(decode(hook("pretooluse")).category, "tool_call");
  EXPECT_EQ(decode(hook("PRETOOLUSE")).category, "tool_call");
}

// Agents and people.

TEST(HookAgent, IsTheClientWhereNothingSaysMore) {
  EXPECT_EQ(decode(hook("Stop", R"("transcript_path":"/h/.claude/x","cwd":"/")")).agent,
            "claude-code");
  EXPECT_EQ(decode(hook("Stop", R"("transcript_path":"/h/.codex/x","turn_id":"1")")).agent,
            "codex");
  EXPECT_EQ(decode(hook("Stop", R"("transcript_path":"/h/.gemini/x")")).agent, "gemini-cli");
  EXPECT_EQ(decode(hook("Stop", R"("cursor_version":"2.6")")).agent, "cursor");
  EXPECT_EQ(decode(R"({"sessionId":"1"})", "stop").agent, "copilot-cli");
  EXPECT_EQ(decode(R"({"type":"session.idle","properties":{}})").agent, "opencode");
  EXPECT_EQ(decode(hook("Stop")).agent, "unknown");
}

TEST(HookAgent, GivenGoesBeforeTheClientButNotBeforeThePayload) {
  const HookContext context = {.agent = "ci-bot", .now = some_time};
  EXPECT_EQ(decode_hook(hook("Stop", R"("cursor_version":"2")"), context)->agent, "ci-bot");
  EXPECT_EQ(decode_hook(hook("Stop", R"("agent_type":"Explore")"), context)->agent, "Explore");
}

TEST(HookPrincipal, IsTheUserOrWhatPromptedTheAgent) {
  EXPECT_EQ(decode(hook("stop", R"("user_email":"kim@example.org")")).principal, "kim@example.org");
  EXPECT_EQ(decode(hook("UserPromptSubmit", R"("source":"schedule_wakeup")")).principal,
            "schedule_wakeup");
  EXPECT_EQ(decode(hook("SessionStart", R"("source":"resume")")).principal, "");
}

// Times.

TEST(HookTime, IsReadAsRfc3339OrMilliseconds) {
  EXPECT_EQ(
      decode(hook("Stop", R"("timestamp":"2026-11-24T09:00:01.5+01:00")")).timestamp.to_string(),
      "2026-11-24T08:00:01.5Z");
  EXPECT_EQ(decode(R"({"sessionId":"1","timestamp":1795507000123})").timestamp.to_string(),
            "2026-11-24T07:56:40.123Z");
}

TEST(HookTime, ThatCannotBeReadIsNow) {
  for (const std::string time :
       {"\"noon\"", "1e300", "9223372036854775807", "true", "null", "{}"}) {
    EXPECT_EQ(decode(hook("Stop", "\"timestamp\":" + time)).timestamp, some_time) << time;
  }
}

TEST(HookDuration, IsNeverNegative) {
  EXPECT_EQ(decode(hook("PostToolUse", R"("duration_ms":-5)")).duration.count(), 0);
  EXPECT_EQ(decode(hook("PostToolUse", R"("duration":12.6)")).duration.count(), 13);
  EXPECT_EQ(decode(hook("PostToolUse", R"("duration_ms":"12")")).duration.count(), 0);
}

// Statuses.

std::string status_of_result(const std::string& result) {
  return decode(hook("PostToolUse", R"("tool_name":"x","tool_response":)" + result)).status;
}

TEST(HookStatus, IsAnErrorWhereTheResultSaysSo) {
  for (const std::string result :
       {R"({"error":"no"})", R"({"error":{"message":"no"}})", R"({"error":true})",
        R"({"isError":true})", R"({"is_error":true})", R"({"success":false})",
        R"({"resultType":"failure"})", R"("{\"isError\":true}")"}) {
    EXPECT_EQ(status_of_result(result), "error") << result;
  }
}

TEST(HookStatus, IsOkWhereTheResultOnlyMentionsErrors) {
  for (const std::string result :
       {"null", "{}", R"({"error":null})", R"({"error":""})", R"({"error":{}})",
        R"({"error":false})", R"({"isError":false})", R"({"success":true})", R"("error")",
        R"(["error"])", R"({"nested":{"error":"no"}})", R"("{broken")"}) {
    EXPECT_EQ(status_of_result(result), "ok") << result;
  }
}

TEST(HookStatus, IsDeniedWhereAPermissionWasMissing) {
  EXPECT_EQ(decode(hook("postToolUseFailure", R"("failure_type":"permission_denied")")).status,
            "denied");
  EXPECT_EQ(
      decode(R"({"toolName":"x","toolResult":{"resultType":"denied"}})", "postToolUse").status,
      "denied");
  EXPECT_EQ(decode(hook("PermissionDenied", R"("tool_name":"Bash")")).status, "denied");
}

TEST(HookStatus, OfAReplyIsWhatThePersonAnswered) {
  const auto reply = [](const std::string& answer) {
    return decode(R"({"type":"permission.replied","properties":{"permissionID":"p","response":")" +
                  answer + "\"}}");
  };
  EXPECT_EQ(reply("once").status, "ok");
  EXPECT_EQ(reply("always").action, "approve");
  EXPECT_EQ(reply("reject").status, "denied");
  EXPECT_EQ(reply("reject").action, "deny");
  for (const std::string answer : {"decline", "cancel"}) {
    EXPECT_EQ(decode(hook("ElicitationResult", R"("action":")" + answer + "\"")).status, "denied");
  }
  EXPECT_EQ(decode(hook("ElicitationResult", R"("action":"accept")")).status, "ok");
}

TEST(HookStatus, OfAStopIsOkWhenTheTurnWasCompleted) {
  EXPECT_EQ(decode(hook("Stop")).status, "ok");
  EXPECT_EQ(decode(hook("stop", R"("status":"completed")")).status, "ok");
  EXPECT_EQ(decode(hook("stop", R"("status":"aborted")")).status, "error");
}

TEST(HookStatus, OfAFailedTurnIsAnErrorOfTheModel) {
  const Event event = decode(hook("StopFailure", R"("error":"rate_limit","model":"gpt-5.2")"));
  EXPECT_EQ(event.category, "llm");
  EXPECT_EQ(event.status, "error");
  EXPECT_EQ(event.target, "gpt-5.2");
  EXPECT_EQ(event.summary, "gpt-5.2: StopFailure: rate_limit");
}

TEST(HookApproval, OfGeminiIsANotificationOfOneType) {
  const Event asked = decode(
      hook("Notification",
           R"("notification_type":"ToolPermission","details":{"type":"exec","command":"ls"})"));
  EXPECT_EQ(asked.category, "approval");
  EXPECT_EQ(asked.status, "pending");
  EXPECT_EQ(asked.summary, "exec: ls");
  EXPECT_EQ(decode(hook("Notification", R"("notification_type":"idle")")).category, "session");
}

TEST(HookConfig, ChangesNameWhatChanged) {
  EXPECT_EQ(decode(hook("ConfigChange", R"("source":"user_settings","file_path":"/a")")).summary,
            "user_settings: ConfigChange: /a");
  EXPECT_EQ(decode(hook("PostModelSwitch", R"("from_model":"a","to_model":"b")")).target, "b");
  EXPECT_EQ(decode(hook("UserPromptExpansion", R"("command_name":"release")")).category, "skill");
}

// Summaries.

TEST(HookSummary, TellsTheMostTellingPartOfTheInput) {
  const auto summary = [](const std::string& input) {
    return decode(hook("PreToolUse", R"("tool_name":"T","tool_input":)" + input)).summary;
  };
  EXPECT_EQ(summary(R"({"description":"d","command":"c"})"), "T: c");
  EXPECT_EQ(summary(R"({"old_string":"a","file_path":"/f"})"), "T: /f");
  EXPECT_EQ(summary(R"({"a": 1})"), R"(T: {"a": 1})");
  EXPECT_EQ(summary("{}"), "T");
  EXPECT_EQ(summary("\"plain\""), "T: plain");
  EXPECT_EQ(summary(R"("{\"command\":\"c\"}")"), "T: c");
  EXPECT_EQ(summary("7"), "T: 7");
}

TEST(HookSummary, IsOneLineOfAtMost200BytesThatEndsAtACodePoint) {
  std::string prompt;
  for (int i = 0; i < 200; ++i) prompt += "ü☃\\n";
  const std::string summary =
      decode(hook("UserPromptSubmit", "\"prompt\":\"" + prompt + "\"")).summary;
  EXPECT_LE(summary.size(), 200U);
  EXPECT_GT(summary.size(), 190U);
  EXPECT_TRUE(is_utf8(summary));
  EXPECT_TRUE(summary.starts_with("UserPromptSubmit: ü☃ ü☃ "));
  EXPECT_TRUE(summary.ends_with("…"));
}

TEST(HookSummary, KeepsTheErrorInSightOfALongCommand) {
  const std::string command(500, 'x');
  const std::string summary =
      decode(hook("PostToolUseFailure", R"("tool_name":"Bash","tool_input":{"command":")" +
                                            command +
                                            R"("},"error":"Exit code 1\n\n3 tests failed")"))
          .summary;
  EXPECT_TRUE(summary.starts_with("Bash: xxx"));
  EXPECT_TRUE(summary.ends_with(": Exit code 1 3 tests failed"));
}

// What is kept.

TEST(HookDetail, IsThePayloadByteForByte) {
  EXPECT_EQ(decode("\xEF\xBB\xBF \n{ \"a\" : \"\\u0041\xFF\" , \"b\":1.50}\r\n").detail,
            "{ \"a\" : \"\\u0041\xFF\" , \"b\":1.50}");
}

TEST(HookUnreadable, BytesThatAreNoObjectAreKeptInAnErrorEvent) {
  for (const std::string_view payload :
       {"", "hello", "[]", "null", "\"x\"", "{\"a\":", "{}{}", "\xFF"}) {
    const Event event = decode(payload, "Stop");
    EXPECT_EQ(event.category, "session");
    EXPECT_EQ(event.action, "unreadable_payload");
    EXPECT_EQ(event.status, "error");
    EXPECT_EQ(event.agent, "unknown");
    EXPECT_EQ(event.source, "hook");
    EXPECT_EQ(event.timestamp, some_time);
    EXPECT_TRUE(event.summary.starts_with("unreadable hook payload: "));
    if (!is_utf8(payload)) continue;
    const auto detail = nlohmann::json::parse(event.detail);
    EXPECT_EQ(detail["payload"], payload);
    EXPECT_EQ(detail["event_name"], "Stop");
    EXPECT_FALSE(detail["error"].get<std::string>().empty());
  }
}

TEST(HookUnreadable, NestingBeyondTheLimitIsKeptToo) {
  const std::string payload =
      R"({"hook_event_name":"Stop","x":)" + std::string(600, '[') + std::string(600, ']') + "}";
  const Event event = decode(payload);
  EXPECT_EQ(event.action, "unreadable_payload");
  EXPECT_EQ(nlohmann::json::parse(event.detail)["payload"], payload);
}

TEST(Hook, APayloadOverTheLimitIsTooLarge) {
  std::string payload(limits::line_bytes_max, ' ');
  payload.replace(0, 2, "{}");
  EXPECT_TRUE(decode_hook(payload, {}));
  payload += ' ';
  const auto event = decode_hook(payload, {});
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code, ErrorCode::too_large);
  EXPECT_EQ(event.error().message,
            "a hook payload of 16777217 bytes, more than the limit of 16777216");
}

RC_GTEST_PROP(HookProperty, AnyBytesAreAnEventThatKeepsThem, (const std::string& bytes)) {
  const auto event = decode_hook(bytes, {.now = some_time});
  RC_ASSERT(event.has_value());
  RC_ASSERT(!event->category.empty());
  RC_ASSERT(event->summary.size() <= 200U);
}

}  // namespace
}  // namespace agentaudit
