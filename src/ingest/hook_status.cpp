#include "ingest/hook_status.h"

#include <algorithm>
#include <array>

#include "agentaudit/core/names.h"
#include "ingest/hook_fields.h"

namespace agentaudit {
namespace {

template <std::size_t Size>
bool is_one_of(std::string_view text, const std::array<std::string_view, Size>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

bool is_true(const JsonValue* value) { return value != nullptr && value->raw == "true"; }
bool is_false(const JsonValue* value) { return value != nullptr && value->raw == "false"; }

// An `error` that says something: not null, false, "" or {}.
bool is_told(const JsonValue* error) {
  if (error == nullptr) return false;
  switch (error->kind) {
    case JsonValue::Kind::string: return !error->string.empty();
    case JsonValue::Kind::object: return !error->members.empty();
    default: return error->raw == "true";
  }
}

std::string_view status_of_object(const JsonValue& result) {
  constexpr std::array<std::string_view, 2> failures = {"failure", "error"};
  constexpr std::array<std::string_view, 2> refusals = {"denied", "rejected"};
  const std::string_view type = result.string_at("resultType");  // Copilot
  if (is_one_of(type, refusals)) return status::denied;
  const bool failed = is_one_of(type, failures) || is_told(result.find("error")) ||
                      is_true(result.find("isError")) || is_true(result.find("is_error")) ||
                      is_false(result.find("success"));
  return failed ? status::error : status::ok;
}

std::string_view status_of_result(const JsonValue& payload) {
  const JsonValue* const result = find_field(payload, HookField::result);
  if (result == nullptr) return status::ok;
  // Some clients write the result as the text of an object.
  if (result->kind == JsonValue::Kind::string && result->string.starts_with('{')) {
    const auto nested = JsonDocument::parse(result->string);
    if (nested) return status_of_object(nested->root());
  }
  return status_of_object(*result);
}

std::string_view status_of_reply(const JsonValue& payload) {
  constexpr std::array<std::string_view, 6> refusals = {"reject", "decline",  "cancel",
                                                        "deny",   "rejected", "denied"};
  return is_one_of(find_text(payload, HookField::reply), refusals) ? status::denied : status::ok;
}

}  // namespace

std::string_view hook_status(const JsonValue& payload, HookStatus status) {
  switch (status) {
    case HookStatus::ok: return status::ok;
    case HookStatus::pending: return status::pending;
    case HookStatus::error: return status::error;
    case HookStatus::denied: return status::denied;
    case HookStatus::of_result: return status_of_result(payload);
    case HookStatus::of_failure:
      return find_text(payload, HookField::failure_type) == "permission_denied" ? status::denied
                                                                                : status::error;
    case HookStatus::of_reply: return status_of_reply(payload);
    case HookStatus::of_stop: break;
  }
  const std::string_view stopped = find_text(payload, HookField::stop_status);
  return stopped.empty() || stopped == "completed" ? status::ok : status::error;
}

}  // namespace agentaudit
