#include "ingest/otlp_fields.h"

#include <limits>
#include <span>
#include <unordered_map>

namespace agentaudit {
namespace {

struct FieldName {
  OtlpField field;
  std::string_view name;
};

using enum OtlpField;

// One table a family, so that a new version is a new row. Within a field the first row
// wins, families in the order below.

// Claude Code's spans have two names for a tool of MCP; this is the one of its hooks.
constexpr FieldName first_names[] = {{tool, "tool_name"}};

constexpr FieldName genai_names[] = {
    {genai_operation, "gen_ai.operation.name"},
    {agent, "gen_ai.agent.name"},
    {conversation, "gen_ai.conversation.id"},
    {tool, "gen_ai.tool.name"},
    {model, "gen_ai.request.model"},
    {model, "gen_ai.response.model"},
    {agent_target, "gen_ai.agent.name"},
    {agent_target, "gen_ai.workflow.name"},
    {data_source, "gen_ai.data_source.id"},
    {data_source, "gen_ai.memory.store.name"},
    {data_source, "gen_ai.memory.store.id"},
    {guardrail, "gen_ai.security.guardrail.name"},
    {guardrail, "gen_ai.guardrail.name"},
    {guardrail, "gen_ai.guardian.name"},
    {guardrail, "gen_ai.security.guardrail.id"},
    {evaluation, "gen_ai.evaluation.name"},
    {call_id, "gen_ai.tool.call.id"},
    {arguments, "gen_ai.tool.call.arguments"},
    {messages, "gen_ai.input.messages"},
    {result, "gen_ai.tool.call.result"},
    {result, "gen_ai.output.messages"},
    {told, "gen_ai.evaluation.score.label"},
    {told, "gen_ai.evaluation.explanation"},
    {provider, "gen_ai.provider.name"},
    {provider, "gen_ai.system"},
    {input_tokens, "gen_ai.usage.input_tokens"},
    {input_tokens, "gen_ai.usage.prompt_tokens"},
    {output_tokens, "gen_ai.usage.output_tokens"},
    {output_tokens, "gen_ai.usage.completion_tokens"},
    {cached_tokens, "gen_ai.usage.cache_read.input_tokens"},
    {error_type, "error.type"},
    {error_text, "error.message"},
    {verdict, "gen_ai.security.action.type"},
    {verdict, "gen_ai.security.verdict.type"},
    {verdict, "gen_ai.security.verdict.result"},
    {verdict, "gen_ai.security.verdict"},
    {verdict, "gen_ai.security.decision.type"},
    {verdict, "gen_ai.guardrail.verdict"},
    {verdict, "gen_ai.guardrail.decision"},
    {verdict, "gen_ai.guardrail.action"},
    {reason, "gen_ai.security.decision.reason"},
    {reason, "gen_ai.security.verdict.reason"},
    {reason, "gen_ai.guardrail.reason"},
};

constexpr FieldName mcp_names[] = {
    {mcp_method, "mcp.method.name"},    {server, "mcp.server.name"},
    {resource_uri, "mcp.resource.uri"}, {prompt_name, "gen_ai.prompt.name"},
    {prompt_name, "mcp.prompt.name"},   {tool, "mcp.tool.name"},
    {call_id, "jsonrpc.request.id"},
};

// Names that several families share.
constexpr FieldName shared_names[] = {
    {event_name, "event.name"},
    {conversation, "session.id"},
    {principal, "user.email"},
    {principal, "enduser.id"},
    {principal, "user.id"},
    {error_text, "exception.message"},
    {http_status, "http.response.status_code"},
    {http_status, "http.status_code"},
    {duration_ms, "duration_ms"},
};

constexpr FieldName codex_names[] = {
    {conversation, "conversation.id"},
    {call_id, "call_id"},
    {arguments, "arguments"},
    {result, "output"},
    {server, "mcp_server"},
    {input_tokens, "input_token_count"},  // Gemini CLI too
    {output_tokens, "output_token_count"},
    {cached_tokens, "cached_token_count"},
    {provider, "provider_name"},
};

constexpr FieldName claude_code_names[] = {
    {claude_code_span, "span.type"},
    {model, "model"},  // Codex and Gemini CLI too
    {call_id, "tool_use_id"},
    {arguments, "tool_input"},
    {tool_parameters, "tool_parameters"},
    {arguments, "user_prompt"},
    {arguments, "prompt"},  // Codex and Gemini CLI too
    {result, "response"},
    {told, "file_path"},
    {told, "skill_name"},
    {told, "subagent_type"},
    {told, "status"},
    {told, "source"},
    {input_tokens, "input_tokens"},
    {output_tokens, "output_tokens"},
    {cached_tokens, "cache_read_tokens"},
    {cost_usd, "cost_usd"},
    {error_text, "error"},  // all coding agents
    {error_type, "error_type"},
    {success, "success"},
    {decision, "decision"},
    {reason, "source"},
    {skill, "skill.name"},
    {skill, "skill_name"},
    {server, "server_name"},
    {connection_status, "status"},
    {agent_target, "agent_type"},
    {http_status, "status_code"},
};

constexpr FieldName gemini_cli_names[] = {
    {tool, "function_name"},
    {arguments, "function_args"},
    {arguments, "request_text"},
    {result, "response_text"},
    {cached_tokens, "cached_content_token_count"},
    {server, "mcp_server_name"},
};

constexpr FieldName vercel_names[] = {
    {ai_operation, "ai.operationId"},
    {agent, "ai.telemetry.functionId"},
    {agent_target, "ai.telemetry.functionId"},
    {conversation, "ai.telemetry.metadata.sessionId"},
    {principal, "ai.telemetry.metadata.userId"},
    {tool, "ai.toolCall.name"},
    {model, "ai.model.id"},
    {model, "ai.response.model"},
    {provider, "ai.model.provider"},
    {call_id, "ai.toolCall.id"},
    {arguments, "ai.toolCall.args"},
    {arguments, "ai.toolCall.input"},
    {arguments, "ai.prompt"},
    {arguments, "ai.value"},
    {messages, "ai.prompt.messages"},
    {result, "ai.toolCall.result"},
    {result, "ai.toolCall.output"},
    {result, "ai.response.text"},
    {result, "ai.response.object"},
    {result, "ai.response.toolCalls"},
    {input_tokens, "ai.usage.inputTokens"},
    {input_tokens, "ai.usage.promptTokens"},
    {input_tokens, "ai.usage.tokens"},
    {output_tokens, "ai.usage.outputTokens"},
    {output_tokens, "ai.usage.completionTokens"},
    {cached_tokens, "ai.usage.cachedInputTokens"},
};

constexpr FieldName openinference_names[] = {
    {openinference_kind, "openinference.span.kind"},
    {metadata, "metadata"},
    {tool, "tool.name"},
    {model, "llm.model_name"},
    {model, "embedding.model_name"},
    {provider, "llm.provider"},
    {agent_target, "agent.name"},
    {agent_target, "graph.node.id"},
    {call_id, "tool.id"},
    {arguments, "input.value"},
    {result, "output.value"},
    {input_tokens, "llm.token_count.prompt"},
    {output_tokens, "llm.token_count.completion"},
    {cached_tokens, "llm.token_count.prompt_details.cache_read"},
};

constexpr FieldName traceloop_names[] = {
    {traceloop_kind, "traceloop.span.kind"},
    {llm_request_type, "llm.request.type"},
    {conversation, "traceloop.association.properties.session_id"},
    {principal, "traceloop.association.properties.user_id"},
    {tool, "traceloop.entity.name"},
    {entity, "traceloop.entity.name"},
    {arguments, "traceloop.entity.input"},
    {result, "traceloop.entity.output"},
};

constexpr std::span<const FieldName> families[] = {
    first_names,       genai_names,      mcp_names,    shared_names,        codex_names,
    claude_code_names, gemini_cli_names, vercel_names, openinference_names, traceloop_names};

// The fields of one name, and their ranks; a lower one goes before a higher one.
struct RankedFields {
  struct Ranked {
    OtlpField field = OtlpField::count;
    std::uint16_t rank = 0;
  };
  std::array<Ranked, 3> fields;
};

using FieldsOfName = std::unordered_map<std::string_view, RankedFields>;

FieldsOfName make_fields_of_name() {
  FieldsOfName made;
  std::uint16_t rank = 0;
  for (const auto& family : families) {
    for (const FieldName& row : family) {
      for (auto& slot : made[row.name].fields) {
        if (slot.field != OtlpField::count) continue;
        slot = {.field = row.field, .rank = rank};
        break;
      }
      ++rank;
    }
  }
  return made;
}

}  // namespace

OtlpFields::OtlpFields(const OtlpAttributes& attributes) {
  static const FieldsOfName fields_of_name = make_fields_of_name();
  std::array<std::uint16_t, static_cast<std::size_t>(OtlpField::count)> ranks;
  ranks.fill(std::numeric_limits<std::uint16_t>::max());
  for (const OtlpAttribute& attribute : attributes) {
    const auto row = fields_of_name.find(attribute.key);
    if (row == fields_of_name.end()) continue;
    // An empty text says nothing, so that the next name may.
    if (attribute.value.kind == OtlpValue::Kind::text && attribute.value.text.empty()) continue;
    for (const auto& [field, rank] : row->second.fields) {
      if (field == OtlpField::count) break;
      const auto slot = static_cast<std::size_t>(field);
      if (rank >= ranks[slot]) continue;
      ranks[slot] = rank;
      found_[slot] = &attribute;
    }
  }
}

}  // namespace agentaudit
