// What each request of MCP becomes: one row a method. A new method is a new row in
// mcp_methods.cpp.
#pragma once

#include <cstdint>
#include <string_view>

namespace agentaudit {

// What a request acts on.
enum class McpTarget : std::uint8_t {
  server,
  tool,       // params.name; the same of prompts
  uri,        // params.uri
  reference,  // params.ref: a prompt or a resource
  model,      // result.model
  asker,      // of what the server asks: the tool whose call it came within
};

enum class McpMeaning : std::uint8_t {
  plain,
  call,         // of a tool
  elicitation,  // a person is asked
  sampling,     // a model is
  hello,        // says who client and server are
  task_state,   // tasks/get, tasks/cancel: how a task stands
  task_result,  // what a task gave
  lasting,      // is answered only when it ends, if at all
  ping,
};

struct McpMethod {
  std::string_view name;
  std::string_view category;
  std::string_view action;  // empty: the method
  McpTarget target = McpTarget::server;
  McpMeaning meaning = McpMeaning::plain;
};

// The row of that name; else one for all others, without a name.
[[nodiscard]] const McpMethod& mcp_method(std::string_view name) noexcept;

}  // namespace agentaudit
