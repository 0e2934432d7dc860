// The detail of an event that MCP messages make: an object, its members as they were sent.
#pragma once

#include <string>
#include <string_view>

#include "ingest/mcp_message.h"
#include "ingest/mcp_methods.h"

namespace agentaudit {

// Adds `"name":json` to the members of an object, a comma before it if need be.
void append_mcp_member(std::string& members, std::string_view name, std::string_view json);
// The same of a text; an empty one is left out.
void append_mcp_text(std::string& members, std::string_view name, std::string_view text);

// What a request asks, as members: all of its parameters, the most wanted of them lifted.
struct McpAsked {
  std::string_view method{};
  std::string_view request_id{};  // as JSON; empty: it has none
  std::string_view tool_call_id{};
  const JsonValue* params = nullptr;
};
[[nodiscard]] std::string mcp_asked_members(const McpAsked& asked, McpMeaning meaning);

// What tells most about a request, for its summary; may be empty.
[[nodiscard]] std::string mcp_telling_part(const JsonValue* params, McpMeaning meaning);

// The first text in the content of a result.
[[nodiscard]] std::string_view mcp_content_text(const JsonValue& result);

}  // namespace agentaudit
