#include "agentaudit/core/event.h"

#include <algorithm>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "core/event_fields.h"
#include "core/sha256.h"
#include "core/utf8.h"

namespace agentaudit {

EventView::EventView(const Event& event) noexcept
    : id(event.id), timestamp(event.timestamp), duration(event.duration) {
  for (const StringField& field : string_fields) this->*field.view = event.*field.owned;
}

Event EventView::to_event() const {
  Event event;
  event.id = id;
  event.timestamp = timestamp;
  event.duration = duration;
  for (const StringField& field : string_fields) event.*field.owned = this->*field.view;
  return event;
}

std::size_t size_bytes(const EventView& event) noexcept {
  std::size_t bytes = 0;
  for (const StringField& field : string_fields) bytes += (event.*field.view).size();
  return bytes;
}

Result<void> check_limits(const EventView& event) {
  const std::size_t bytes = size_bytes(event);
  if (bytes <= limits::event_bytes_max) return {};
  return fail(ErrorCode::too_large,
              "an event of " + std::to_string(bytes) + " bytes, more than the limit of " +
                  std::to_string(limits::event_bytes_max) + "; cut_to_limit() makes it fit");
}

bool cut_to_limit(Event& event) {
  if (size_bytes(event) <= limits::event_bytes_max) return false;

  // No other string may crowd out the detail: each keeps at most this share.
  constexpr std::size_t share_bytes = 16U << 10U;
  std::string cut_fields;
  for (const StringField& field : string_fields) {
    std::string& text = event.*field.owned;
    if (&text == &event.detail || text.size() <= share_bytes) continue;
    cut_fields += cut_fields.empty() ? "" : ",";
    append_json_string(cut_fields, field.name);
    text = std::string(utf8_prefix(text, share_bytes));
  }

  const std::string full = std::move(event.detail);
  // A byte grows to at most six as JSON; half the room is tried first because text
  // that needs no escapes is the rule.
  std::size_t head_bytes = std::min(full.size(), limits::event_bytes_max / 2);
  const auto render = [&] {
    event.detail = R"({"truncated":true,"bytes":)" + std::to_string(full.size()) +
                   R"(,"sha256":")" + sha256_hex(full) + '"';
    if (!cut_fields.empty()) event.detail += R"(,"cut":[)" + cut_fields + ']';
    event.detail += R"(,"head":)";
    append_json_string(event.detail, utf8_prefix(full, head_bytes));
    event.detail += '}';
  };
  render();
  while (size_bytes(event) > limits::event_bytes_max && head_bytes > 0) {
    head_bytes /= 2;
    render();
  }
  return true;
}

}  // namespace agentaudit
