#include <algorithm>
#include <iterator>

#include "agentaudit/core/names.h"
#include "ingest/otlp_meaning.h"

namespace agentaudit {
namespace {

enum class Writer : std::uint8_t { claude_code, codex, gemini_cli, other };

struct WriterPrefix {
  std::string_view prefix;
  Writer writer;
};

constexpr WriterPrefix writer_prefixes[] = {{"claude_code.", Writer::claude_code},
                                            {"codex.", Writer::codex},
                                            {"gemini_cli.", Writer::gemini_cli}};

// Coding agents, by the name without its prefix.
struct CodingRow {
  std::string_view name;
  OtlpMeaning meaning;
};

constexpr OtlpMeaning coding(std::string_view category, std::string_view action,
                             OtlpField target = OtlpField::count,
                             OtlpStatus status = OtlpStatus::of_record) {
  return {.category = category,
          .action = action,
          .status = status,
          .target = target,
          .is_coding_agent = true};
}

constexpr CodingRow coding_rows[] = {
    {"tool_result", coding(category::tool_call, "execute", OtlpField::tool)},
    {"tool_decision", coding(category::approval, {}, OtlpField::tool, OtlpStatus::of_decision)},
    {"api_request", coding(category::llm, "complete", OtlpField::model)},
    {"websocket_request", coding(category::llm, "complete", OtlpField::model)},  // Codex
    {"api_error", coding(category::llm, "complete", OtlpField::model, OtlpStatus::error)},
    {"user_prompt", coding(category::session, "prompt")},
    {"assistant_response", coding(category::session, "respond")},
    {"conversation_starts", coding(category::session, "session_start")},
    {"compaction", coding(category::session, "compact")},
    {"chat_compression", coding(category::session, "compact")},  // Gemini CLI
    {"subagent_completed", coding(category::session, "subagent_stop", OtlpField::agent_target)},
    {"skill_activated", coding(category::skill, "activate", OtlpField::skill)},
    {"mcp_server_connection", coding(category::mcp, "connect", OtlpField::server)},
};

// Gemini CLI logs a request and its response, each tool call once.
constexpr CodingRow gemini_cli_rows[] = {
    {"tool_call", coding(category::tool_call, "execute", OtlpField::tool)},
    {"api_response", coding(category::llm, "complete", OtlpField::model)},
};
constexpr std::string_view gemini_cli_left_out = "api_request";

constexpr OtlpMeaning part_of_span(OtlpRole role) {
  return {.category = category::session, .action = {}, .role = role};
}

// GenAI, by the whole name.
constexpr CodingRow genai_rows[] = {
    {"gen_ai.client.inference.operation.details", part_of_span(OtlpRole::last_part_of_span)},
    {"gen_ai.choice", part_of_span(OtlpRole::last_part_of_span)},
    {"gen_ai.system.message", part_of_span(OtlpRole::part_of_span)},
    {"gen_ai.user.message", part_of_span(OtlpRole::part_of_span)},
    {"gen_ai.assistant.message", part_of_span(OtlpRole::part_of_span)},
    {"gen_ai.tool.message", part_of_span(OtlpRole::part_of_span)},
    {"gen_ai.evaluation.result",
     {.category = category::eval, .action = "evaluate", .target = OtlpField::evaluation}},
    {"gen_ai.security.finding",
     {.category = category::safety,
      .action = "finding",
      .status = OtlpStatus::of_verdict,
      .target = OtlpField::guardrail}},
};

template <std::size_t Size>
std::optional<OtlpMeaning> find_row(const CodingRow (&rows)[Size], std::string_view name) {
  const auto* const row = std::find_if(std::begin(rows), std::end(rows),
                                       [&](const CodingRow& r) { return r.name == name; });
  if (row == std::end(rows)) return std::nullopt;
  return row->meaning;
}

// Takes the writer's prefix off the name.
Writer take_writer(std::string_view& name) {
  for (const WriterPrefix& row : writer_prefixes) {
    if (!name.starts_with(row.prefix)) continue;
    name.remove_prefix(row.prefix.size());
    return row.writer;
  }
  return Writer::other;
}

// Claude Code's event.name lacks the prefix, its body has it.
bool is_of_claude_code(const OtlpLogRecord& record) {
  return record.body.words().starts_with("claude_code.");
}

// Names that say nothing about agents by themselves.
bool is_ambiguous(const OtlpMeaning& meaning, const OtlpFields& fields) {
  return meaning.category == category::llm && fields.find(OtlpField::model) == nullptr;
}

}  // namespace

std::string_view log_record_name(const OtlpLogRecord& record, const OtlpFields& fields) {
  const std::string_view attribute = fields.text(OtlpField::event_name);
  if (!attribute.empty()) return attribute;
  if (!record.event_name.empty()) return record.event_name;
  return record.body.words();
}

std::optional<OtlpMeaning> meaning_of(const OtlpLogRecord& record, const OtlpFields& fields) {
  std::string_view name = log_record_name(record, fields);
  if (auto meaning = find_row(genai_rows, name)) {
    if (meaning->action.empty()) meaning->action = name;
    return meaning;
  }
  Writer writer = take_writer(name);
  if (writer == Writer::other && is_of_claude_code(record)) writer = Writer::claude_code;
  if (writer == Writer::gemini_cli) {
    if (name == gemini_cli_left_out) return std::nullopt;
    if (auto meaning = find_row(gemini_cli_rows, name)) return meaning;
  }
  auto meaning = find_row(coding_rows, name);
  if (writer == Writer::other && meaning && is_ambiguous(*meaning, fields)) return std::nullopt;
  return meaning;
}

}  // namespace agentaudit
