// What a span or log record means to an audit.
#pragma once

#include <optional>
#include <string_view>

#include "ingest/otlp_fields.h"

namespace agentaudit {

// How the status of the event is found.
enum class OtlpStatus : std::uint8_t {
  of_record,    // what the span or record says of itself
  of_decision,  // an approval
  of_verdict,   // a guardrail
  pending,
  error
};

// What the assembler has to do with it.
enum class OtlpRole : std::uint8_t {
  event,
  call_without_end,  // a tool call that a child tells the end of
  end_of_call,       // that child: no event
  inner_call,        // may be the same tool call as the span around it
  part_of_span,      // a log record that belongs into the event of its span
  last_part_of_span  // the last of them
};

struct OtlpMeaning {
  std::string_view category;
  std::string_view action;
  OtlpStatus status = OtlpStatus::of_record;
  OtlpField target = OtlpField::count;  // count: the name of the span, or none
  OtlpRole role = OtlpRole::event;
  bool is_coding_agent = false;  // its agent is the service
};

// Nothing: it says nothing about agents. The action may be a view of an attribute.
[[nodiscard]] std::optional<OtlpMeaning> meaning_of(const OtlpSpan& span, const OtlpFields& fields);
[[nodiscard]] std::optional<OtlpMeaning> meaning_of(const OtlpLogRecord& record,
                                                    const OtlpFields& fields);

// The record's name: by the attribute first, which is right where the field is a place in
// a source file (Codex).
[[nodiscard]] std::string_view log_record_name(const OtlpLogRecord& record,
                                               const OtlpFields& fields);

}  // namespace agentaudit
