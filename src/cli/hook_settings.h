// The text of an agent's settings, with our hooks and without them.
#pragma once

#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "cli/hook_agents.h"

namespace agentaudit {

// Whether a hook's command is ours: `agentaudit hook`, by whatever path and with whatever
// options. A mark beside it would not do: Claude Code takes out what it does not know.
[[nodiscard]] bool is_our_hook(std::string_view command);

// `text` with `command` as a hook of each event of the agent. One of ours that was there gets
// this command, and twins of it go; all else keeps its bytes. An empty text is taken for {}.
// The same text comes back where there is nothing to do. Errors: parse (no JSON; comments are
// none), unsupported (JSON of another form than the agent's).
[[nodiscard]] Result<std::string> with_our_hooks(std::string text, const HookAgent& agent,
                                                 const std::string& command);

// `text` without any hook of ours, and without the lists and objects that are empty then.
// Errors: as above.
[[nodiscard]] Result<std::string> without_our_hooks(std::string text, const HookAgent& agent);

}  // namespace agentaudit
