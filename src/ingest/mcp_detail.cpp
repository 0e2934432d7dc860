#include "ingest/mcp_detail.h"

#include <array>

#include "agentaudit/core/event_json.h"
#include "ingest/one_line.h"

namespace agentaudit {
namespace {

using Kind = JsonValue::Kind;

// The member of the parameters that stands by itself in the detail, under the same name.
std::string_view lifted_name(McpMeaning meaning) {
  if (meaning == McpMeaning::call) return "arguments";
  if (meaning == McpMeaning::sampling) return "messages";
  return {};
}

std::string_view last_message_text(const JsonValue& params) {
  const JsonValue* const messages = params.find("messages");
  if (messages == nullptr || messages->items.empty()) return {};
  const JsonValue* const content = messages->items.back().find("content");
  if (content == nullptr) return {};
  if (content->kind == Kind::array) {
    return content->items.empty() ? std::string_view() : content->items.back().string_at("text");
  }
  return content->string_at("text");
}

std::string told_arguments(const JsonValue& params) {
  const JsonValue* const arguments = params.find("arguments");
  if (arguments == nullptr || arguments->kind != Kind::object) return {};
  return telling_part(*arguments);
}

std::string_view told_parameter(const JsonValue& params) {
  constexpr std::array<std::string_view, 2> telling = {"taskId", "level"};
  for (const std::string_view name : telling) {
    if (const std::string_view text = params.string_at(name); !text.empty()) return text;
  }
  return {};
}

}  // namespace

void append_mcp_member(std::string& members, std::string_view name, std::string_view json) {
  if (!members.empty()) members += ',';
  append_json_string(members, name);
  members += ':';
  members += json;
}

void append_mcp_text(std::string& members, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  append_mcp_member(members, name, "");
  append_json_string(members, text);
}

std::string mcp_asked_members(const McpAsked& asked, McpMeaning meaning) {
  std::string members;
  append_mcp_text(members, "method", asked.method);
  if (!asked.request_id.empty()) append_mcp_member(members, "request_id", asked.request_id);
  append_mcp_text(members, "tool_call_id", asked.tool_call_id);
  if (asked.params == nullptr) return members;

  const std::string_view lifted = lifted_name(meaning);
  const JsonValue* const value = lifted.empty() ? nullptr : asked.params->find(lifted);
  if (value != nullptr) append_mcp_member(members, lifted, value->raw);
  std::string others;
  for (const JsonMember& member : asked.params->members) {
    if (&member.value != value) append_mcp_member(others, member.name, member.value.raw);
  }
  if (!others.empty()) append_mcp_member(members, "params", "{" + others + "}");
  return members;
}

std::string mcp_telling_part(const JsonValue* params, McpMeaning meaning) {
  if (params == nullptr) return {};
  switch (meaning) {
    case McpMeaning::call: return one_line(told_arguments(*params));
    case McpMeaning::elicitation: return one_line(params->string_at("message"));
    case McpMeaning::sampling: return one_line(last_message_text(*params));
    default: return one_line(told_parameter(*params));
  }
}

std::string_view mcp_content_text(const JsonValue& result) {
  const JsonValue* const content = result.find("content");
  if (content == nullptr) return {};
  for (const JsonValue& item : content->items) {
    if (const std::string_view text = item.string_at("text"); !text.empty()) return text;
  }
  return {};
}

}  // namespace agentaudit
