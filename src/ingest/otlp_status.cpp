#include "ingest/otlp_status.h"

#include <algorithm>
#include <array>

#include "agentaudit/core/names.h"
#include "core/ascii.h"
#include "core/json_value.h"

namespace agentaudit {
namespace {

// What words of refusal start with: reject, rejected, decline, deny, denied, block …
constexpr std::array<std::string_view, 9> refusals = {
    "reject", "declin", "den", "block", "abort", "cancel", "refus", "forbid", "timed_out"};

// A verdict is a word; a longer text is what was looked at.
constexpr std::size_t verdict_bytes_max = 32;

bool is_refusal(std::string_view text) {
  const auto starts_as = [&](std::string_view refusal) {
    return text.size() <= verdict_bytes_max &&
           equal_ignoring_case(text.substr(0, refusal.size()), refusal);
  };
  return std::any_of(refusals.begin(), refusals.end(), starts_as);
}

bool is_permission(std::string_view error_type) {
  constexpr std::array<std::string_view, 4> names = {"permission_denied", "denied", "rejected",
                                                     "user_rejected"};
  return std::find(names.begin(), names.end(), error_type) != names.end();
}

// A result of MCP says itself that it is one of a failure.
bool is_error_result(const OtlpFields& fields) {
  constexpr std::string_view name = "isError";
  const std::string_view result = fields.text(OtlpField::result);
  if (result.find(name) == std::string_view::npos) return false;
  const auto document = JsonDocument::parse(result, 1);
  if (!document) return false;
  const JsonValue* const is_error = document->root().find(name);
  return is_error != nullptr && is_error->raw == "true";
}

bool tells_of_error(const OtlpFields& fields) {
  constexpr std::int64_t http_error = 400;
  const OtlpValue* const type = fields.value(OtlpField::error_type);
  const OtlpValue* const success = fields.value(OtlpField::success);
  const OtlpValue* const http = fields.value(OtlpField::http_status);
  return type != nullptr || (success != nullptr && success->to_bool() == false) ||
         (http != nullptr && http->to_int64().value_or(0) >= http_error);
}

std::string_view of_record(const OtlpMeaning& meaning, const OtlpFields& fields, bool span_failed) {
  if (is_permission(fields.text(OtlpField::error_type))) return status::denied;
  // Gemini CLI tells of a tool call and of what a person decided about it in one.
  if (meaning.category == category::tool_call && is_refusal(fields.text(OtlpField::decision))) {
    return status::denied;
  }
  const bool not_connected =
      meaning.category == category::mcp && fields.text(OtlpField::connection_status) == "failed";
  const bool failed = span_failed || not_connected || tells_of_error(fields) ||
                      (meaning.category == category::tool_call && is_error_result(fields));
  return failed ? status::error : status::ok;
}

}  // namespace

std::string_view otlp_status(const OtlpMeaning& meaning, const OtlpFields& fields,
                             bool span_failed) {
  switch (meaning.status) {
    case OtlpStatus::pending: return status::pending;
    case OtlpStatus::error: return status::error;
    case OtlpStatus::of_decision:
      if (is_refusal(fields.text(OtlpField::decision))) return status::denied;
      break;
    case OtlpStatus::of_verdict:
      if (is_refusal(fields.text(OtlpField::verdict)) ||
          is_refusal(fields.text(OtlpField::result))) {
        return status::denied;
      }
      break;
    case OtlpStatus::of_record: break;
  }
  return of_record(meaning, fields, span_failed);
}

}  // namespace agentaudit
