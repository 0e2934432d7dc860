#include "server/event_body.h"

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "agentaudit/ingest/json_lines.h"
#include "core/json_value.h"

namespace agentaudit {
namespace {

constexpr std::size_t errors_max = 20;

void add(EventBody& body, const Redactor* redactor, Result<Event> event, const std::string& place) {
  if (event) {
    if (redactor != nullptr) body.redacted.add(redactor->redact(*event));
    (void)cut_to_limit(*event);
    body.events.push_back(std::move(*event));
    return;
  }
  ++body.refused;
  if (body.errors.size() < errors_max) body.errors.push_back(place + ": " + event.error().message);
}

Result<void> read_json(std::string_view text, const Redactor* redactor, EventBody& body) {
  // Of an array the elements are kept as text: each is read as an event on its own.
  const auto document = JsonDocument::parse(text, 1);
  if (!document) return fail(document.error());
  const JsonValue& root = document->root();
  if (root.kind != JsonValue::Kind::array) {
    add(body, redactor, event_from_json(root.raw), "the event");
    return {};
  }
  if (root.items.size() > limits::batch_events_max) {
    return fail(ErrorCode::invalid_argument, std::to_string(root.items.size()) +
                                                 " events in one body, more than " +
                                                 std::to_string(limits::batch_events_max));
  }
  std::size_t number = 0;
  for (const JsonValue& item : root.items) {
    add(body, redactor, event_from_json(item.raw), "event " + std::to_string(++number));
  }
  return {};
}

Result<void> read_lines(std::string_view text, const Redactor* redactor, EventBody& body) {
  JsonLinesReader reader;
  reader.feed(text);
  reader.finish();
  while (auto line = reader.next()) {
    add(body, redactor, std::move(line->event), "line " + std::to_string(line->number));
    if (body.events.size() + body.refused > limits::batch_events_max) {
      return fail(ErrorCode::invalid_argument,
                  "more than " + std::to_string(limits::batch_events_max) + " events in one body");
    }
  }
  return {};
}

}  // namespace

Result<EventBody> read_event_body(std::string_view body, EventBodyFormat format,
                                  const Redactor* redactor) {
  EventBody read;
  auto done = format == EventBodyFormat::json ? read_json(body, redactor, read)
                                              : read_lines(body, redactor, read);
  if (!done) return fail(done.error());
  if (read.events.empty() && read.refused == 0) {
    return fail(ErrorCode::invalid_argument, "the body has no event");
  }
  return read;
}

}  // namespace agentaudit
