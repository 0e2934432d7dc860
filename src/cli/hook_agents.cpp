#include "cli/hook_agents.h"

#include <algorithm>
#include <array>

namespace agentaudit {
namespace {

// Claude Code passes over a whole settings file that has a name which it does not know, and
// newer names than these are not known to versions in use.
constexpr std::array<std::string_view, 12> claude_code_events = {
    "SessionStart",  "SessionEnd",         "UserPromptSubmit",  "PreToolUse",
    "PostToolUse",   "PostToolUseFailure", "PermissionRequest", "Notification",
    "SubagentStart", "SubagentStop",       "PreCompact",        "Stop"};

constexpr std::array<std::string_view, 12> codex_events = {
    "SessionStart", "SessionEnd",        "UserPromptSubmit", "PreToolUse",
    "PostToolUse",  "PermissionRequest", "SubagentStart",    "SubagentStop",
    "PreCompact",   "PostCompact",       "Interrupt",        "Stop"};

// Without BeforeModel and AfterModel, of which the latter comes for each piece of an answer.
constexpr std::array<std::string_view, 8> gemini_events = {
    "SessionStart", "SessionEnd", "BeforeAgent", "AfterAgent",
    "BeforeTool",   "AfterTool",  "PreCompress", "Notification"};

// Without those of shells, MCP and files, which the tools' own hooks tell as well.
constexpr std::array<std::string_view, 10> cursor_events = {
    "sessionStart",       "sessionEnd",    "beforeSubmitPrompt", "preToolUse", "postToolUse",
    "postToolUseFailure", "subagentStart", "subagentStop",       "preCompact", "stop"};

constexpr std::array<HookAgent, 4> agents = {{
    {.name = "claude-code",
     .title = "Claude Code",
     .directory = ".claude",
     .file = "settings.json",
     .directory_variable = "CLAUDE_CONFIG_DIR",
     .events = claude_code_events,
     .after_install = ""},
    {.name = "codex",
     .title = "Codex",
     .directory = ".codex",
     .file = "hooks.json",
     .directory_variable = "CODEX_HOME",
     .events = codex_events,
     .after_install =
         "Codex runs a new or changed hook only after you trusted it: /hooks in Codex"},
    {.name = "gemini",
     .title = "Gemini CLI",
     .directory = ".gemini",
     .file = "settings.json",
     .directory_variable = "",
     .timeouts_a_second = 1'000,
     .events = gemini_events,
     .after_install = ""},
    {.name = "cursor",
     .title = "Cursor",
     .directory = ".cursor",
     .file = "hooks.json",
     .directory_variable = "",
     .form = HookAgent::Form::flat,
     .has_version = true,
     .events = cursor_events,
     .after_install = ""},
}};

}  // namespace

std::span<const HookAgent> hook_agents() noexcept { return agents; }

const HookAgent* find_hook_agent(std::string_view name) noexcept {
  const auto* const found = std::find_if(
      agents.begin(), agents.end(), [&](const HookAgent& agent) { return agent.name == name; });
  return found != agents.end() ? found : nullptr;
}

std::string hook_agent_names() {
  std::string names;
  for (const HookAgent& agent : agents) {
    names += (names.empty() ? "" : ", ") + std::string(agent.name);
  }
  return names;
}

std::int64_t hook_timeout(const HookAgent& agent, std::string_view event) noexcept {
  // A hook waits two seconds for its payload and two for the trail.
  constexpr std::int64_t seconds = 10;
  // Codex warns at each start of a longer one.
  constexpr std::int64_t seconds_at_codex_end = 3;
  const bool at_codex_end =
      agent.name == "codex" && (event == "SessionEnd" || event == "Interrupt");
  return (at_codex_end ? seconds_at_codex_end : seconds) * agent.timeouts_a_second;
}

}  // namespace agentaudit
