// Any payload becomes an event that keeps it. The input is the hook's name, a line end,
// and the payload; without a line end it is only a payload.
#include "agentaudit/core/event_json.h"
#include "agentaudit/core/names.h"
#include "agentaudit/ingest/hook.h"
#include "fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  std::string_view payload = text_of(data, size);
  HookContext context{.now = Timestamp::from_ns(1)};
  if (const std::size_t line_end = payload.find('\n'); line_end != std::string_view::npos) {
    context.event_name = payload.substr(0, line_end);
    payload.remove_prefix(line_end + 1);
  }

  const auto event = decode_hook(payload, context);
  check(event.has_value(), "no payload within the limit is refused");
  check(decode_hook(payload, context).value() == *event, "the same bytes give the same event");
  bool known_status = false;
  for (const std::string_view status : status::all) known_status |= event->status == status;
  check(known_status, "the status is one of the four");
  check(!event->category.empty() && !event->action.empty(), "category and action are set");
  check(!event->agent.empty() && event->source == "hook", "agent and source are set");
  check(event->summary.size() <= 200, "a summary is short");
  check(event->duration.count() >= 0, "no duration is negative");
  check(event->span_id.empty() || event->span_id.size() == 16, "a span id has 16 digits");
  check(event->span_id.empty() || event->span_id != event->parent_span_id, "no span is its parent");
  check(event->action == "unreadable_payload" || payload.find(event->detail) != payload.npos,
        "the payload is kept byte for byte");
  const auto again = event_from_json(to_json(*event));
  check(again.has_value() && *again == *event, "what was written is what is read");
  return 0;
}
