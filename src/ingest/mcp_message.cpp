#include "ingest/mcp_message.h"

#include <algorithm>
#include <array>

#include "core/utf8.h"
#include "ingest/derived_id.h"

namespace agentaudit {
namespace {

using Kind = JsonValue::Kind;

constexpr std::array<std::string_view, 2> tool_call_ids = {"claudecode/toolUseId", "callId"};
constexpr std::string_view codex_turn = "x-codex-turn-metadata";
constexpr std::string_view client_info = "io.modelcontextprotocol/clientInfo";
constexpr std::string_view server_info = "io.modelcontextprotocol/serverInfo";
constexpr std::string_view related_task = "io.modelcontextprotocol/related-task";

std::string_view text_at(const JsonValue* object, std::string_view name) {
  return object != nullptr ? object->string_at(name) : std::string_view();
}

bool is_id(const JsonValue* value) {
  return value != nullptr && (value->kind == Kind::number || value->kind == Kind::string);
}

bool is_hex(std::string_view text, std::size_t bytes) {
  return text.size() == 2 * bytes &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         text.find_first_not_of('0') != std::string_view::npos;
}

// W3C Trace Context: version, trace id, parent id, flags; later versions may add more.
void read_traceparent(McpMeta& meta, std::string_view text) {
  constexpr std::size_t trace_at = 3;
  constexpr std::size_t parent_at = trace_at + 2 * trace_id_bytes + 1;
  constexpr std::size_t flags_at = parent_at + 2 * span_id_bytes + 1;
  if (text.size() < flags_at + 2 || text.starts_with("ff")) return;
  if (text[trace_at - 1] != '-' || text[parent_at - 1] != '-' || text[flags_at - 1] != '-') return;
  const std::string_view trace = text.substr(trace_at, 2 * trace_id_bytes);
  const std::string_view parent = text.substr(parent_at, 2 * span_id_bytes);
  if (!is_hex(trace, trace_id_bytes) || !is_hex(parent, span_id_bytes)) return;
  meta.trace_id = trace;
  meta.parent_span_id = parent;
}

// Codex sends an object, or the text of one.
std::string conversation_of(const JsonValue* turn) {
  if (turn == nullptr) return {};
  if (turn->kind == Kind::string && turn->string.starts_with('{')) {
    const auto nested = JsonDocument::parse(turn->string, 2);
    return nested ? mcp_name(nested->root().string_at("session_id")) : std::string();
  }
  return mcp_name(turn->string_at("session_id"));
}

}  // namespace

std::string mcp_name(std::string_view text) {
  return std::string(utf8_prefix(text, mcp_name_bytes_max));
}

const JsonValue* object_at(const JsonValue* value, std::string_view name) {
  const JsonValue* const found = value != nullptr ? value->find(name) : nullptr;
  return found != nullptr && found->kind == Kind::object ? found : nullptr;
}

std::optional<McpMessage> read_mcp_message(const JsonValue& value) {
  if (value.kind != Kind::object) return std::nullopt;
  McpMessage message;
  message.method = value.string_at("method");
  message.id = value.find("id");
  message.params = object_at(&value, "params");
  message.result = value.find("result");
  message.error = value.find("error");
  // Some say with a null which of the two it is not.
  if (message.error != nullptr && message.error->kind == Kind::null && message.result != nullptr) {
    message.error = nullptr;
  }
  if (!message.method.empty()) {
    message.kind = is_id(message.id) ? McpMessage::Kind::request : McpMessage::Kind::notification;
    return message;
  }
  if (!is_id(message.id) || (message.result == nullptr && message.error == nullptr)) {
    return std::nullopt;
  }
  message.kind = McpMessage::Kind::response;
  return message;
}

std::string mcp_id_key(const JsonValue& id) {
  return id.kind == Kind::string ? "s" + id.string : "n" + std::string(id.raw);
}

std::string_view mcp_client_name(const McpMessage& request) {
  const std::string_view name = text_at(object_at(request.params, "clientInfo"), "name");
  if (!name.empty()) return name;
  return text_at(object_at(object_at(request.params, "_meta"), client_info), "name");
}

std::string_view mcp_server_name(const McpMessage& response) {
  const std::string_view name = text_at(object_at(response.result, "serverInfo"), "name");
  if (!name.empty()) return name;
  return text_at(object_at(object_at(response.result, "_meta"), server_info), "name");
}

McpMeta read_mcp_meta(const JsonValue* params) {
  McpMeta meta;
  const JsonValue* const values = object_at(params, "_meta");
  if (values == nullptr) return meta;
  for (const std::string_view name : tool_call_ids) {
    if (meta.tool_call_id.empty()) meta.tool_call_id = mcp_name(values->string_at(name));
  }
  meta.conversation = conversation_of(values->find(codex_turn));
  meta.task = text_at(object_at(values, related_task), "taskId");
  read_traceparent(meta, values->string_at("traceparent"));
  return meta;
}

}  // namespace agentaudit
