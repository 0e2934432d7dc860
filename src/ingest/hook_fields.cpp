#include "ingest/hook_fields.h"

namespace agentaudit {
namespace {

struct FieldPath {
  HookField field;
  std::string_view path;  // names of members, `/` between them
};

using enum HookField;

// Within a field the first row that fits wins.
constexpr FieldPath field_paths[] = {
    {conversation, "conversation_id"},            // Cursor
    {conversation, "session_id"},                 // Claude Code, Codex, Gemini CLI
    {conversation, "thread-id"},                  // Codex notify
    {conversation, "sessionId"},                  // Copilot
    {conversation, "sessionID"},                  // OpenCode
    {conversation, "input/sessionID"},            // OpenCode, tool.execute.*
    {conversation, "properties/sessionID"},       // OpenCode, events
    {conversation, "properties/info/sessionID"},  // OpenCode, message.updated
    {conversation, "properties/part/sessionID"},  // OpenCode, message.part.updated
    {conversation, "properties/info/id"},         // OpenCode, session.created

    {agent, "agent_type"},  // Claude Code, Codex: the subagent

    {subagent, "agent_type"},     // Claude Code, Codex
    {subagent, "subagent_type"},  // Cursor
    {subagent, "agentName"},      // Copilot

    {principal, "user_email"},  // Cursor
    {prompt_source, "source"},  // Claude Code, UserPromptSubmit

    {tool, "tool_name"},              // Claude Code, Codex, Gemini CLI, Cursor
    {tool, "toolName"},               // Copilot
    {tool, "tool"},                   // OpenCode
    {tool, "input/tool"},             // OpenCode, tool.execute.*
    {tool, "properties/permission"},  // OpenCode, permission.asked
    {tool, "properties/type"},        // OpenCode, permission.updated
    {tool, "details/toolName"},       // Gemini CLI, ToolPermission of an MCP tool
    {tool, "details/type"},           // Gemini CLI, ToolPermission: exec, edit, info

    {input, "tool_input"},           // Claude Code, Codex, Gemini CLI, Cursor
    {input, "toolArgs"},             // Copilot: an object, or its text
    {input, "args"},                 // OpenCode
    {input, "input/args"},           // OpenCode, tool.execute.after
    {input, "output/args"},          // OpenCode, tool.execute.before
    {input, "properties/metadata"},  // OpenCode, permission.*
    {input, "details"},              // Gemini CLI, ToolPermission
    {input, "command"},              // Cursor, *ShellExecution
    {input, "edits"},                // Cursor, afterFileEdit

    {call_id, "tool_use_id"},             // Claude Code, Codex, Cursor
    {call_id, "callID"},                  // OpenCode
    {call_id, "input/callID"},            // OpenCode, tool.execute.*
    {call_id, "properties/callID"},       // OpenCode, permission.updated
    {call_id, "properties/tool/callID"},  // OpenCode, permission.asked

    {request_id, "properties/permissionID"},  // OpenCode, permission.replied
    {request_id, "properties/requestID"},     // OpenCode, permission.replied, newer
    {request_id, "properties/id"},            // OpenCode, permission.updated and asked
    {request_id, "elicitation_id"},           // Claude Code
    {request_id, "mcp_server_name"},          // Claude Code, a form without an id

    {server, "mcp_server_name"},  // Claude Code
    {skill, "command_name"},      // Claude Code, UserPromptExpansion
    {model, "to_model"},          // Claude Code, PostModelSwitch
    {model, "model"},             // Codex, Cursor, Claude Code
    {setting, "source"},          // Claude Code, ConfigChange
    {setting, "file_path"},

    {result, "tool_response"},  // Claude Code, Codex, Gemini CLI
    {result, "toolResult"},     // Copilot
    {result, "tool_output"},    // Cursor, postToolUse
    {result, "result_json"},    // Cursor, afterMCPExecution

    {error_text, "error"},                        // Claude Code
    {error_text, "error_message"},                // Cursor
    {error_text, "error/message"},                // Copilot
    {error_text, "tool_response/error/message"},  // Gemini CLI
    {error_text, "tool_response/error"},
    {error_text, "toolResult/textResultForLlm"},    // Copilot
    {error_text, "properties/error/data/message"},  // OpenCode, session.error
    {error_text, "properties/error/name"},
    {error_text, "reason"},  // Claude Code, PermissionDenied

    {failure_type, "failure_type"},            // Cursor
    {reply, "action"},                         // Claude Code, ElicitationResult
    {reply, "properties/response"},            // OpenCode
    {reply, "properties/reply"},               // OpenCode, newer
    {stop_status, "status"},                   // Cursor
    {notification_type, "notification_type"},  // Claude Code, Gemini CLI

    {time, "timestamp"},                // Gemini CLI: RFC 3339; Copilot: ms
    {time, "properties/time/created"},  // OpenCode, permission.updated: ms

    {duration_ms, "duration_ms"},  // Claude Code
    {duration_ms, "duration"},     // Cursor

    // What a person would want to read of a payload that is no tool call.
    {words, "prompt"},
    {words, "message"},
    {words, "last_assistant_message"},
    {words, "last-assistant-message"},
    {words, "delta"},
    {words, "text"},
    {words, "task_subject"},
    {words, "from_model"},
    {words, "file_path"},
    {words, "reason"},
    {words, "trigger"},
    {words, "status"},
    {words, "source"},
    {words, "action"},
    {words, "properties/title"},
    {words, "properties/response"},
    {words, "properties/reply"},
};

const JsonValue* find_path(const JsonValue& payload, std::string_view path) noexcept {
  const JsonValue* value = &payload;
  while (value != nullptr && !path.empty()) {
    const std::size_t slash = path.find('/');
    value = value->find(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return value;
}

}  // namespace

const JsonValue* find_field(const JsonValue& payload, HookField field) noexcept {
  for (const FieldPath& row : field_paths) {
    if (row.field != field) continue;
    const JsonValue* const value = find_path(payload, row.path);
    if (value != nullptr && value->kind != JsonValue::Kind::null) return value;
  }
  return nullptr;
}

std::string_view find_text(const JsonValue& payload, HookField field) noexcept {
  for (const FieldPath& row : field_paths) {
    if (row.field != field) continue;
    const JsonValue* const value = find_path(payload, row.path);
    if (value != nullptr && !value->string.empty()) return value->string;
  }
  return {};
}

}  // namespace agentaudit
