#include "agentaudit/ingest/hook.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "agentaudit/core/names.h"
#include "core/json_value.h"
#include "ingest/hook_client.h"
#include "ingest/hook_events.h"
#include "ingest/hook_fields.h"
#include "ingest/hook_ids.h"
#include "ingest/hook_status.h"
#include "ingest/hook_summary.h"
#include "ingest/one_line.h"

namespace agentaudit {
namespace {

constexpr std::string_view hook_source = "hook";

struct NamedHook {
  std::string_view name;  // as the payload or the caller has it
  const HookEvent* event = nullptr;
};

const HookEvent* find_event(std::string_view name, std::string_view notification_type) {
  // One hook of Gemini CLI has several meanings, told apart by its type.
  const HookEvent* const event =
      find_hook_event(std::string(name) + '/' + std::string(notification_type));
  return event != nullptr ? event : find_hook_event(name);
}

// A payload that has a hook_event_name has the last word. Else a name that is known goes
// before one that is not, because `type` can mean anything.
NamedHook name_hook(const JsonValue& payload, std::string_view given_name) {
  const std::string_view notification_type = find_text(payload, HookField::notification_type);
  const std::string_view own_name = payload.string_at("hook_event_name");
  const std::string_view type = own_name.empty() ? payload.string_at("type") : own_name;
  if (!own_name.empty()) given_name = own_name;
  for (const std::string_view name : {type, given_name}) {
    const HookEvent* const event = find_event(name, notification_type);
    if (event != nullptr) return {.name = name, .event = event};
  }
  for (const std::string_view name : {given_name, type}) {
    if (!name.empty()) return {.name = name, .event = &unknown_hook_event()};
  }
  return {.name = "unnamed_hook", .event = &unknown_hook_event()};
}

std::optional<Timestamp> read_time(const JsonValue* value) {
  constexpr std::int64_t ns_per_ms = 1'000'000;
  if (value == nullptr) return std::nullopt;
  if (value->kind == JsonValue::Kind::string) {
    const auto time = Timestamp::parse(value->string);
    return time ? std::optional(*time) : std::nullopt;
  }
  std::int64_t ns = 0;
  const auto ms = value->to_int64();
  if (!ms || __builtin_mul_overflow(*ms, ns_per_ms, &ns)) return std::nullopt;
  return Timestamp::from_ns(ns);
}

std::chrono::milliseconds read_duration(const JsonValue* value) {
  const auto ms = value != nullptr ? value->to_int64() : std::nullopt;
  return std::chrono::milliseconds(std::max<std::int64_t>(ms.value_or(0), 0));
}

std::string_view first_of(std::string_view a, std::string_view b) { return a.empty() ? b : a; }

std::string_view action_of(const NamedHook& hook, std::string_view status) {
  if (hook.event->status == HookStatus::of_reply) {
    return status == status::denied ? "deny" : "approve";
  }
  return first_of(hook.event->action, hook.name);
}

std::string_view principal_of(const JsonValue& payload, const HookEvent& hook) {
  const std::string_view principal = find_text(payload, HookField::principal);
  if (!principal.empty() || hook.action != "prompt") return principal;
  return find_text(payload, HookField::prompt_source);
}

// The bytes as they came, without what may stand around a JSON text.
std::string_view trimmed(std::string_view payload) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  constexpr std::string_view white_space = " \t\r\n";
  if (payload.starts_with(byte_order_mark)) payload.remove_prefix(byte_order_mark.size());
  const std::size_t first = payload.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return payload.substr(first, payload.find_last_not_of(white_space) - first + 1);
}

Event unreadable(std::string_view payload, const HookContext& context, std::string_view error) {
  Event event;
  event.timestamp = context.now;
  event.category = category::session;
  event.action = "unreadable_payload";
  event.agent = first_of(context.agent, "unknown");
  event.status = status::error;
  event.source = hook_source;
  event.summary = one_line("unreadable hook payload: " + std::string(error));
  event.detail = R"({"error":)";
  append_json_string(event.detail, error);
  if (!context.event_name.empty()) {
    event.detail += R"(,"event_name":)";
    append_json_string(event.detail, context.event_name);
  }
  event.detail += R"(,"payload":)";
  append_json_string(event.detail, payload);
  event.detail += '}';
  return event;
}

Event decode_object(const JsonValue& payload, const HookContext& context) {
  const NamedHook hook = name_hook(payload, context.event_name);
  const HookEvent& row = *hook.event;
  const std::string_view status = hook_status(payload, row.status);
  const std::string_view agent = find_text(payload, HookField::agent);

  Event event;
  event.timestamp = read_time(find_field(payload, HookField::time)).value_or(context.now);
  event.category = row.category;
  event.action = action_of(hook, status);
  event.agent = first_of(agent, first_of(context.agent, hook_client(payload)));
  event.status = status;
  event.duration = read_duration(find_field(payload, HookField::duration_ms));
  event.source = hook_source;
  event.conversation_id = find_text(payload, HookField::conversation);
  event.target = first_of(find_text(payload, row.target), row.target_default);
  event.principal = principal_of(payload, row);
  event.summary =
      hook_summary(payload, {.target = event.target,
                             .event_name = hook.name,
                             .is_call = row.target == HookField::tool,
                             .failed = status == status::error || status == status::denied});

  HookIds ids = hook_ids(
      payload, {.join = row.join, .conversation = event.conversation_id, .target = event.target});
  event.trace_id = std::move(ids.trace_id);
  event.span_id = std::move(ids.span_id);
  event.parent_span_id = std::move(ids.parent_span_id);
  return event;
}

}  // namespace

Result<Event> decode_hook(std::string_view payload, const HookContext& context) {
  if (payload.size() > limits::line_bytes_max) {
    return fail(ErrorCode::too_large, "a hook payload of " + std::to_string(payload.size()) +
                                          " bytes, more than the limit of " +
                                          std::to_string(limits::line_bytes_max));
  }
  const auto document = JsonDocument::parse(payload);
  if (!document) return unreadable(payload, context, document.error().message);
  if (document->root().kind != JsonValue::Kind::object) {
    return unreadable(payload, context, "a JSON object is needed");
  }
  Event event = decode_object(document->root(), context);
  event.detail = trimmed(payload);
  return event;
}

}  // namespace agentaudit
