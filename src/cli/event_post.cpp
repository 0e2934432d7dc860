#include "cli/event_post.h"

#include <string>

#include "core/json_value.h"

namespace agentaudit {
namespace {

constexpr std::string_view events_path = "/api/v1/audit";

// The sentence of a problem+json with the first of its errors, or the status.
std::string reason_of(const HttpAnswer& answer) {
  const auto document = JsonDocument::parse(answer.body);
  const std::string_view detail = document ? document->root().string_at("detail") : "";
  if (detail.empty()) return "status " + std::to_string(answer.status);
  std::string reason(detail);
  const JsonValue* const errors = document->root().find("errors");
  if (errors != nullptr && !errors->items.empty()) reason += ": " + errors->items.front().string;
  return reason;
}

Result<std::vector<EventId>> ids_of(const HttpAnswer& answer, const std::string& url) {
  std::vector<EventId> ids;
  const auto document = JsonDocument::parse(answer.body);
  const JsonValue* const list = document ? document->root().find("ids") : nullptr;
  if (list == nullptr || list->kind != JsonValue::Kind::array) {
    return fail(ErrorCode::io, url + " answers, but not as agentaudit does");
  }
  ids.reserve(list->items.size());
  for (const JsonValue& id : list->items) ids.push_back(id.to_int64().value_or(0));
  return ids;
}

}  // namespace

Result<std::vector<EventId>> post_events(HttpClient& daemon, std::string_view events,
                                         const HttpHeader& key) {
  const auto answer = daemon.post(events_path, events,
                                  {{.name = "Content-Type", .value = "application/json"}, key});
  if (!answer) return fail(answer.error());
  const auto refused = [&](ErrorCode code) {
    return fail(code, daemon.url() + " refuses events: " + reason_of(*answer));
  };
  switch (answer->status) {
    case 200:
    case 201: return ids_of(*answer, daemon.url());
    case 400:
    case 413:
    case 415:
    case 422: return refused(ErrorCode::invalid_argument);
    case 401:
    case 403: return refused(ErrorCode::permission);
    case 409: return refused(ErrorCode::unsupported);
    default: return refused(ErrorCode::busy);
  }
}

}  // namespace agentaudit
