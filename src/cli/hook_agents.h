// HookAgent: an agent whose settings say which commands it runs as hooks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace agentaudit {

struct HookAgent {
  // Where the command stands within `hooks.EVENT`, an array.
  enum class Form : std::uint8_t {
    groups,  // in `hooks` of each item: {"hooks":[{"type":"command","command":…}]}
    flat     // in each item itself: {"command":…}
  };

  std::string_view name;
  std::string_view title;
  std::string_view directory;           // below the home directory, and below a project
  std::string_view file;                // within it
  std::string_view directory_variable;  // names the directory in its place; may be empty
  Form form = Form::groups;
  bool has_version = false;            // the file says `"version": 1`
  std::int64_t timeouts_a_second = 1;  // in which unit the agent takes a timeout
  std::span<const std::string_view> events;
  std::string_view after_install;  // what its user is to know; may be empty
};

[[nodiscard]] std::span<const HookAgent> hook_agents() noexcept;
// nullptr: there is none of that name.
[[nodiscard]] const HookAgent* find_hook_agent(std::string_view name) noexcept;
// `claude-code, codex, …`
[[nodiscard]] std::string hook_agent_names();

// How long the agent waits for the hook of that event, in its own unit.
[[nodiscard]] std::int64_t hook_timeout(const HookAgent& agent, std::string_view event) noexcept;

}  // namespace agentaudit
