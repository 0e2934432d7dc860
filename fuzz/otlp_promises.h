// What holds of every body of an OTLP request, whatever its bytes.
#pragma once

#include <algorithm>
#include <set>
#include <string>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/names.h"
#include "agentaudit/ingest/otlp.h"
#include "core/json_value.h"
#include "fuzz_check.h"

namespace agentaudit {

inline void check_otlp_event(const KeyedEvent& keyed) {
  const Event& event = keyed.event;
  bool known_status = false;
  for (const std::string_view status : status::all) known_status |= event.status == status;
  check(known_status, "the status is one of the four");
  check(!event.category.empty() && !event.action.empty(), "category and action are set");
  check(!event.agent.empty() && event.source == "otlp", "agent and source are set");
  check(event.summary.size() <= 200, "a summary is short");
  check(event.duration.count() >= 0, "no duration is negative");
  check(event.timestamp.ns() >= 0, "no time is before 1970");
  check(event.trace_id.empty() || event.trace_id.size() == 32, "a trace id has 32 digits");
  check(event.span_id.empty() || event.span_id.size() == 16, "a span id has 16 digits");
  check(keyed.origin_key.size() == 24 || keyed.origin_key.size() == 16,
        "a key is of a span or a digest");
  const auto detail = JsonDocument::parse(event.detail);
  check(detail.has_value() && detail->root().kind == JsonValue::Kind::object,
        "the detail is an object");
  const auto again = event_from_json(to_json(event));
  check(again.has_value() && *again == event, "what was written is what is read");
}

inline void check_otlp_promises(std::string_view body, OtlpEncoding encoding, bool logs) {
  (void)recognise_otlp(body);
  const auto decode = [&] {
    return logs ? decode_otlp_logs(body, encoding) : decode_otlp_traces(body, encoding);
  };
  auto batch = decode();
  if (!batch) {
    check(!batch.error().message.empty(), "an error says what is wrong");
    return;
  }
  check(batch->events.size() <= static_cast<std::size_t>(batch->records), "one event a record");
  check(batch->reasons.size() <= 10, "ten reasons at most");
  std::set<std::string> keys;
  for (const OtlpEvent& event : batch->events) keys.insert(event.keyed.origin_key);

  OtlpAssembler assembler;
  assembler.add(std::move(*batch), {});
  assembler.add(decode().value(), {});
  auto events = assembler.take_ready({});
  for (KeyedEvent& keyed : assembler.flush()) events.push_back(std::move(keyed));
  check(assembler.counters().held_events == 0, "nothing stays behind");
  check(assembler.counters().held_bytes == 0, "no bytes stay behind");
  for (const KeyedEvent& keyed : events) {
    check(keys.contains(keyed.origin_key), "no event comes from nowhere");
    check_otlp_event(keyed);
  }
}

}  // namespace agentaudit
