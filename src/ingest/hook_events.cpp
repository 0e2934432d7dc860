#include "ingest/hook_events.h"

#include <algorithm>
#include <string>

#include "agentaudit/core/names.h"
#include "core/ascii.h"

namespace agentaudit {
namespace {

constexpr HookEvent call(std::string_view name, HookStatus status,
                         std::string_view tool_default = "tool") {
  return {.name = name,
          .category = category::tool_call,
          .action = "execute",
          .status = status,
          .join = HookJoin::call,
          .target = HookField::tool,
          .target_default = tool_default};
}

constexpr HookEvent approval(std::string_view name, HookStatus status, HookJoin join,
                             HookField target) {
  std::string_view action = "reply";
  if (status == HookStatus::pending) action = "request";
  if (status == HookStatus::denied) action = "deny";
  return {.name = name,
          .category = category::approval,
          .action = action,
          .status = status,
          .join = join,
          .target = target};
}

constexpr HookEvent session(std::string_view name, std::string_view action,
                            HookField target = HookField::none,
                            HookStatus status = HookStatus::ok) {
  return {.name = name,
          .category = category::session,
          .action = action,
          .status = status,
          .target = target};
}

constexpr HookEvent other(std::string_view name, std::string_view category, std::string_view action,
                          HookField target, HookStatus status = HookStatus::ok) {
  return {.name = name, .category = category, .action = action, .status = status, .target = target};
}

// A name that several clients share, in whatever case, stands once.
constexpr HookEvent hook_events[] = {
    call("pretooluse", HookStatus::pending),  // Claude Code, Codex, Cursor, Copilot
    call("beforetool", HookStatus::pending),  // Gemini CLI
    call("beforeshellexecution", HookStatus::pending, "Shell"),  // Cursor
    call("beforemcpexecution", HookStatus::pending),             // Cursor
    call("tool.execute.before", HookStatus::pending),            // OpenCode

    call("posttooluse", HookStatus::of_result),
    call("posttoolusefailure", HookStatus::of_failure),
    call("aftertool", HookStatus::of_result),
    call("aftershellexecution", HookStatus::of_result, "Shell"),
    call("aftermcpexecution", HookStatus::of_result),
    call("afterfileedit", HookStatus::ok, "Edit"),
    call("tool.execute.after", HookStatus::of_result),

    approval("permissionrequest", HookStatus::pending, HookJoin::request, HookField::tool),
    approval("permissiondenied", HookStatus::denied, HookJoin::call, HookField::tool),
    // Gemini CLI: a notification of one type asks; it names no call that it could be
    // joined with.
    approval("notification/toolpermission", HookStatus::pending, HookJoin::none, HookField::tool),
    approval("permission.updated", HookStatus::pending, HookJoin::dialogue, HookField::tool),
    approval("permission.asked", HookStatus::pending, HookJoin::dialogue, HookField::tool),
    approval("permission.replied", HookStatus::of_reply, HookJoin::dialogue, HookField::request_id),
    approval("elicitation", HookStatus::pending, HookJoin::dialogue, HookField::server),
    approval("elicitationresult", HookStatus::of_reply, HookJoin::dialogue, HookField::server),

    session("sessionstart", "session_start"),
    session("sessionend", "session_end"),
    session("userpromptsubmit", "prompt"),
    session("userpromptsubmitted", "prompt"),  // Copilot
    session("beforesubmitprompt", "prompt"),   // Cursor
    session("stop", "stop", HookField::none, HookStatus::of_stop),
    session("agentstop", "stop", HookField::none, HookStatus::of_stop),  // Copilot
    session("agent-turn-complete", "stop"),                              // Codex notify
    session("notify", "stop"),                                           // the same, by --event
    session("interrupt", "interrupt"),
    session("subagentstart", "subagent_start", HookField::subagent),
    session("subagentstop", "subagent_stop", HookField::subagent),
    session("precompact", "compact_start"),
    session("precompress", "compact_start"),  // Gemini CLI
    session("postcompact", "compact_end"),
    session("notification", "notify"),
    session("erroroccurred", "fail", HookField::none, HookStatus::error),  // Copilot
    session("session.error", "fail", HookField::none, HookStatus::error),  // OpenCode

    other("stopfailure", category::llm, "complete", HookField::model, HookStatus::error),
    other("configchange", category::config, "change", HookField::setting),
    other("postmodelswitch", category::config, "switch_model", HookField::model),
    other("userpromptexpansion", category::skill, "expand", HookField::skill),
};

constexpr HookEvent unknown = session("", "");

}  // namespace

const HookEvent* find_hook_event(std::string_view name) {
  const auto* const row =
      std::find_if(std::begin(hook_events), std::end(hook_events),
                   [&](const HookEvent& event) { return equal_ignoring_case(event.name, name); });
  return row != std::end(hook_events) ? row : nullptr;
}

const HookEvent& unknown_hook_event() noexcept { return unknown; }

}  // namespace agentaudit
