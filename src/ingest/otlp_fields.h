// What the attributes of a span or log record are called by those who write them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "ingest/otlp_record.h"

namespace agentaudit {

enum class OtlpField : std::uint8_t {
  // What makes it an event.
  claude_code_span,
  ai_operation,
  genai_operation,
  mcp_method,
  openinference_kind,
  traceloop_kind,
  llm_request_type,
  event_name,
  // Who and what.
  agent,
  metadata,  // JSON; of it lc_agent_name
  conversation,
  principal,
  tool,
  model,
  agent_target,  // the agent or workflow that a session is of
  entity,        // the workflow, task or agent of Traceloop
  data_source,
  server,
  resource_uri,
  prompt_name,
  skill,
  guardrail,
  evaluation,
  // The call.
  call_id,
  arguments,
  messages,
  result,
  told,  // the most telling part, where there are no arguments
  provider,
  input_tokens,
  output_tokens,
  cached_tokens,
  cost_usd,
  // How it went.
  error_text,
  error_type,
  success,
  http_status,
  decision,
  verdict,
  reason,
  connection_status,
  duration_ms,
  tool_parameters,
  count
};

// The fields of one record, found once.
class OtlpFields {
 public:
  // Borrows the attributes.
  explicit OtlpFields(const OtlpAttributes& attributes);

  // The attribute that has the field; nullptr: none.
  [[nodiscard]] const OtlpAttribute* find(OtlpField field) const noexcept {
    return found_[static_cast<std::size_t>(field)];
  }
  [[nodiscard]] const OtlpValue* value(OtlpField field) const noexcept {
    const OtlpAttribute* const attribute = find(field);
    return attribute != nullptr ? &attribute->value : nullptr;
  }
  // Its text; empty: none, or something else.
  [[nodiscard]] std::string_view text(OtlpField field) const noexcept {
    const OtlpAttribute* const attribute = find(field);
    return attribute != nullptr ? attribute->value.words() : std::string_view();
  }

 private:
  std::array<const OtlpAttribute*, static_cast<std::size_t>(OtlpField::count)> found_{};
};

}  // namespace agentaudit
