#include <algorithm>
#include <iterator>

#include "agentaudit/core/names.h"
#include "ingest/otlp_meaning.h"

namespace agentaudit {
namespace {

constexpr OtlpMeaning tool_call{
    .category = category::tool_call, .action = "execute", .target = OtlpField::tool};
constexpr OtlpMeaning model_call{
    .category = category::llm, .action = "complete", .target = OtlpField::model};
constexpr OtlpMeaning embedding{
    .category = category::llm, .action = "embed", .target = OtlpField::model};
constexpr OtlpMeaning guardrail{.category = category::safety,
                                .action = "guardrail",
                                .status = OtlpStatus::of_verdict,
                                .target = OtlpField::guardrail};

constexpr OtlpMeaning session(std::string_view action, OtlpField target = OtlpField::agent_target) {
  return {.category = category::session, .action = action, .target = target};
}

constexpr OtlpMeaning with_role(OtlpMeaning meaning, OtlpRole role) {
  meaning.role = role;
  return meaning;
}

struct ValueRow {
  std::string_view value;
  OtlpMeaning meaning;
};

template <std::size_t Size>
const OtlpMeaning* find_row(const ValueRow (&rows)[Size], std::string_view value) {
  const auto* const row = std::find_if(std::begin(rows), std::end(rows),
                                       [&](const ValueRow& r) { return r.value == value; });
  return row != std::end(rows) ? &row->meaning : nullptr;
}

// Claude Code, by the span's name.
constexpr std::string_view claude_code_prefix = "claude_code.";
constexpr ValueRow claude_code_rows[] = {
    {"tool", with_role(tool_call, OtlpRole::call_without_end)},
    {"tool.execution", with_role(tool_call, OtlpRole::end_of_call)},
    {"llm_request", model_call},
    {"tool.blocked_on_user",
     {.category = category::approval, .action = {}, .status = OtlpStatus::of_decision}},
    {"interaction", session("interaction", OtlpField::count)},
};

// GenAI, by gen_ai.operation.name.
constexpr ValueRow genai_rows[] = {
    {"execute_tool", tool_call},
    {"tool_call", tool_call},  // Gemini CLI
    {"chat", model_call},
    {"text_completion", model_call},
    {"generate_content", model_call},
    {"fetch_response", model_call},
    {"realtime_inference", model_call},
    {"llm_call", model_call},  // Gemini CLI
    {"embeddings", embedding},
    {"retrieval",
     {.category = category::tool_call, .action = "retrieval", .target = OtlpField::data_source}},
    {"run_guardrail", guardrail},
    {"apply_guardrail", guardrail},
};

// OpenInference, by openinference.span.kind.
constexpr ValueRow openinference_rows[] = {
    {"TOOL", tool_call},
    {"LLM", model_call},
    {"EMBEDDING", embedding},
    {"GUARDRAIL", guardrail},
    {"EVALUATOR",
     {.category = category::eval, .action = "evaluate", .target = OtlpField::evaluation}},
    {"AGENT", session("agent")},
    {"CHAIN", session("chain")},
    {"PROMPT", session("prompt")},
    {"RETRIEVER", session("retriever")},
    {"RERANKER", session("reranker")},
};

std::optional<OtlpMeaning> of_claude_code(const OtlpSpan& span) {
  std::string_view name = span.name;
  if (!name.starts_with(claude_code_prefix)) return std::nullopt;
  name.remove_prefix(claude_code_prefix.size());
  const OtlpMeaning* const row = find_row(claude_code_rows, name);
  if (row == nullptr) return std::nullopt;
  OtlpMeaning meaning = *row;
  meaning.is_coding_agent = true;
  return meaning;
}

OtlpMeaning of_vercel(std::string_view operation) {
  constexpr std::string_view prefix = "ai.";
  if (operation == "ai.toolCall") return tool_call;
  if (operation.ends_with(".doGenerate") || operation.ends_with(".doStream")) return model_call;
  if (operation.ends_with(".doEmbed")) return embedding;
  if (operation.starts_with(prefix)) operation.remove_prefix(prefix.size());
  return session(operation);
}

OtlpMeaning of_genai(std::string_view operation) {
  if (const OtlpMeaning* const row = find_row(genai_rows, operation)) return *row;
  if (operation.find("memory") != std::string_view::npos) {
    return {.category = category::tool_call, .action = operation, .target = OtlpField::data_source};
  }
  return session(operation);
}

OtlpMeaning of_mcp(std::string_view method) {
  if (method == "tools/call") return with_role(tool_call, OtlpRole::inner_call);
  OtlpField target = OtlpField::server;
  if (method.starts_with("resources/")) target = OtlpField::resource_uri;
  if (method.starts_with("prompts/")) target = OtlpField::prompt_name;
  return {.category = category::mcp, .action = method, .target = target};
}

OtlpMeaning of_openinference(std::string_view kind) {
  const OtlpMeaning* const row = find_row(openinference_rows, kind);
  return row != nullptr ? *row : session(kind);
}

// LangGraph stops for a person by throwing.
bool is_interrupt(const OtlpSpan& span) {
  constexpr std::string_view name = "GraphInterrupt";
  const auto says_so = [&](const OtlpAttribute& attribute) {
    return attribute.key.starts_with("exception.") &&
           attribute.value.words().find(name) != std::string_view::npos;
  };
  return std::any_of(span.events.begin(), span.events.end(), [&](const OtlpSpanEvent& event) {
    return event.name == "exception" &&
           std::any_of(event.attributes.begin(), event.attributes.end(), says_so);
  });
}

std::optional<OtlpMeaning> of_family(const OtlpSpan& span, const OtlpFields& fields) {
  if (auto meaning = of_claude_code(span)) return meaning;
  if (const auto value = fields.text(OtlpField::ai_operation); !value.empty()) {
    return of_vercel(value);
  }
  const std::string_view method = fields.text(OtlpField::mcp_method);
  if (const auto value = fields.text(OtlpField::genai_operation); !value.empty()) {
    OtlpMeaning meaning = of_genai(value);
    if (!method.empty() && meaning.category == category::tool_call) {
      meaning.role = OtlpRole::inner_call;
    }
    return meaning;
  }
  if (!method.empty()) return of_mcp(method);
  if (const auto value = fields.text(OtlpField::openinference_kind); !value.empty()) {
    return of_openinference(value);
  }
  if (const auto value = fields.text(OtlpField::traceloop_kind); !value.empty()) {
    return value == "tool" ? tool_call : session(value, OtlpField::entity);
  }
  if (const auto value = fields.text(OtlpField::llm_request_type); !value.empty()) {
    return value == "embedding" ? embedding : model_call;
  }
  return std::nullopt;
}

}  // namespace

std::optional<OtlpMeaning> meaning_of(const OtlpSpan& span, const OtlpFields& fields) {
  auto meaning = of_family(span, fields);
  if (meaning && is_interrupt(span)) {
    return OtlpMeaning{.category = category::approval,
                       .action = "request",
                       .status = OtlpStatus::pending,
                       .target = meaning->target};
  }
  return meaning;
}

}  // namespace agentaudit
