#include "ingest/mcp_methods.h"

#include <algorithm>

#include "agentaudit/core/names.h"

namespace agentaudit {
namespace {

constexpr McpMethod other(std::string_view name, McpTarget target = McpTarget::server,
                          McpMeaning meaning = McpMeaning::plain) {
  return {
      .name = name, .category = category::mcp, .action = {}, .target = target, .meaning = meaning};
}

// Methods that are not here become `mcp` events that act on the server.
constexpr McpMethod methods[] = {
    {.name = "tools/call",
     .category = category::tool_call,
     .action = "execute",
     .target = McpTarget::tool,
     .meaning = McpMeaning::call},
    {.name = "elicitation/create",
     .category = category::approval,
     .action = "request",
     .target = McpTarget::asker,
     .meaning = McpMeaning::elicitation},
    {.name = "sampling/createMessage",
     .category = category::llm,
     .action = "complete",
     .target = McpTarget::model,
     .meaning = McpMeaning::sampling},
    other("initialize", McpTarget::server, McpMeaning::hello),
    other("server/discover", McpTarget::server, McpMeaning::hello),
    other("resources/read", McpTarget::uri),
    other("resources/subscribe", McpTarget::uri),
    other("resources/unsubscribe", McpTarget::uri),
    other("prompts/get", McpTarget::tool),
    other("completion/complete", McpTarget::reference),
    other("tasks/get", McpTarget::server, McpMeaning::task_state),
    other("tasks/cancel", McpTarget::server, McpMeaning::task_state),
    other("tasks/result", McpTarget::server, McpMeaning::task_result),
    other("subscriptions/listen", McpTarget::server, McpMeaning::lasting),
    other("ping", McpTarget::server, McpMeaning::ping),
};

constexpr McpMethod unknown = other({});

}  // namespace

const McpMethod& mcp_method(std::string_view name) noexcept {
  const auto* const row =
      std::find_if(std::begin(methods), std::end(methods),
                   [&](const McpMethod& method) { return method.name == name; });
  return row != std::end(methods) ? *row : unknown;
}

}  // namespace agentaudit
