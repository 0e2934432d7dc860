// One JSON-RPC message of MCP, and what its members tell beside their own purpose.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_value.h"

namespace agentaudit {

// Names that others give are cut to this.
inline constexpr std::size_t mcp_name_bytes_max = 1'024;
[[nodiscard]] std::string mcp_name(std::string_view text);

// Views into the document that it was read from.
struct McpMessage {
  enum class Kind : std::uint8_t { request, response, notification };

  Kind kind = Kind::notification;
  std::string_view method;
  const JsonValue* id = nullptr;      // of a request or response
  const JsonValue* params = nullptr;  // nullptr or an object
  const JsonValue* result = nullptr;
  const JsonValue* error = nullptr;
};

// Nothing: it is no message.
[[nodiscard]] std::optional<McpMessage> read_mcp_message(const JsonValue& value);

// The id as a key: what two ids have in common only if they are the same.
[[nodiscard]] std::string mcp_id_key(const JsonValue& id);

// The object of that name; nullptr: there is none. `value` may be nullptr.
[[nodiscard]] const JsonValue* object_at(const JsonValue* value, std::string_view name);

// Who the message says that client or server is; empty: it does not.
[[nodiscard]] std::string_view mcp_client_name(const McpMessage& request);
[[nodiscard]] std::string_view mcp_server_name(const McpMessage& response);

// What `_meta` of the parameters tells; empty where it does not.
struct McpMeta {
  std::string tool_call_id;
  std::string conversation;
  std::string trace_id;  // of traceparent, with
  std::string parent_span_id;
  std::string task;  // the request belongs to
};
[[nodiscard]] McpMeta read_mcp_meta(const JsonValue* params);

}  // namespace agentaudit
