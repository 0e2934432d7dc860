// OpenTelemetry: the body of an OTLP request as events. docs/otlp.md says which span or
// log record becomes what.
//
//   agentaudit::OtlpAssembler assembler;
//   auto batch = agentaudit::decode_otlp_traces(body, agentaudit::OtlpEncoding::protobuf);
//   if (!batch) return answer_400(batch.error().message);
//   assembler.add(std::move(*batch), std::chrono::steady_clock::now());
//   for (auto& keyed : assembler.take_ready(std::chrono::steady_clock::now())) store(keyed);
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/keyed_event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

enum class OtlpEncoding : std::uint8_t { protobuf, json };
enum class OtlpSignal : std::uint8_t { traces, logs, metrics };

// What a body is by its content; nothing: no OTLP, or too little to tell.
struct OtlpContent {
  OtlpEncoding encoding = OtlpEncoding::protobuf;
  std::optional<OtlpSignal> signal;
};
[[nodiscard]] OtlpContent recognise_otlp(std::string_view body);

namespace limits {
// Spans or log records of one body; the rest is refused. The body itself is at most
// limits::body_bytes_max.
inline constexpr std::size_t otlp_records_max = 65'536;
// Of one span or log record: attributes, those of its events too, and values within
// values. The rest is counted in its detail.
inline constexpr std::size_t otlp_values_max = 65'536;
// Nesting of an attribute's value; what is deeper is left out.
inline constexpr int otlp_value_depth_max = 64;
// Names that come from attributes (agent, conversation, target …) are cut to this.
inline constexpr std::size_t otlp_name_bytes_max = 1'024;
}  // namespace limits

// A span of a trace, by its raw ids. All zeros: none.
struct OtlpSpanId {
  std::array<char, 16> trace{};
  std::array<char, 8> span{};

  [[nodiscard]] bool is_set() const noexcept { return span != std::array<char, 8>{}; }
  friend bool operator==(const OtlpSpanId&, const OtlpSpanId&) = default;
};

// What the spans below one inherit from it; of every span, events or not.
struct OtlpContext {
  OtlpSpanId id;
  OtlpSpanId parent;         // not set: it is a root
  std::string agent;         // empty: it has to inherit itself
  std::string conversation;  // likewise
  std::string tool;          // its event is a call of this tool
};

// How a tool call ended that does not say so itself.
struct OtlpOutcome {
  OtlpSpanId call;
  std::string error;  // empty: well
};

// An event, and what may still be missing.
struct OtlpEvent {
  KeyedEvent keyed;     // event.agent and event.conversation_id empty: to be inherited
  OtlpSpanId span;      // its own; of a log record the one it was written in
  OtlpSpanId ancestor;  // the first it may inherit from
  std::string agent_default;
  std::string conversation_default;
  bool awaits_outcome = false;       // see OtlpOutcome
  bool awaits_records = false;       // a model call without messages
  bool may_repeat_the_call = false;  // of its ancestor, as the server's span of an MCP call
  // It is a log record that belongs into the event of `span`; the last of them or not.
  bool is_part_of_span = false;
  bool is_last_part = false;
};

// What one body gives. The events are in the order of the body.
struct OtlpBatch {
  std::vector<OtlpEvent> events;
  std::vector<OtlpContext> contexts;
  std::vector<OtlpOutcome> outcomes;
  std::int64_t records = 0;          // spans or log records in the body
  std::int64_t rejected = 0;         // of them refused
  std::vector<std::string> reasons;  // of the first that were refused, at most ten
};

// Pure: the same bytes give the same batch, and both encodings of the same content do. An
// event may be over limits::event_bytes_max (see cut_to_limit). What is bad within a body
// is counted in `rejected`. Errors: parse (the body is no such request; what is wrong, and
// where it can be said), too_large.
[[nodiscard]] Result<OtlpBatch> decode_otlp_traces(std::string_view body, OtlpEncoding encoding);
[[nodiscard]] Result<OtlpBatch> decode_otlp_logs(std::string_view body, OtlpEncoding encoding);

struct OtlpAssemblerOptions {
  // How long an event waits for what is missing; 0: not at all.
  std::chrono::milliseconds hold{5'000};
  // Of events that wait; over these the oldest are let go.
  std::size_t events_max = 10'000;
  std::size_t bytes_max = 64U << 20U;
  // Of what is remembered of spans; over this the oldest are forgotten.
  std::size_t context_bytes_max = 16U << 20U;
};

struct OtlpAssemblerCounters {
  std::int64_t repeated = 0;      // dropped, because the same was held
  std::int64_t timed_out = 0;     // let go after `hold`
  std::int64_t crowded_out = 0;   // let go because more came than may wait
  std::size_t held_events = 0;    // now
  std::size_t held_bytes = 0;     // now
  std::size_t context_bytes = 0;  // now
};

// Completes events by what other spans and log records tell, in whatever order and
// requests they come: agent and conversation of the nearest ancestor, messages of a model
// call, the end of a tool call. An event comes out once nothing of it is open, or after
// `hold`, or when more came than may wait; it is never lost.
//
// Not thread-safe. Needs no clock: times are the caller's, from one steady clock.
class OtlpAssembler {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit OtlpAssembler(OtlpAssemblerOptions options = {});
  ~OtlpAssembler();
  OtlpAssembler(const OtlpAssembler&) = delete;
  OtlpAssembler& operator=(const OtlpAssembler&) = delete;
  OtlpAssembler(OtlpAssembler&&) noexcept;
  OtlpAssembler& operator=(OtlpAssembler&&) noexcept;

  // Takes a batch. What is complete is ready afterwards: take it, for it is held without
  // limit.
  void add(OtlpBatch batch, TimePoint now);

  // The events that are ready by now, by time.
  [[nodiscard]] std::vector<KeyedEvent> take_ready(TimePoint now);
  // All events, with what is known.
  [[nodiscard]] std::vector<KeyedEvent> flush();
  // When take_ready has more to give although nothing is added; nothing: never.
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  // When what is still held was added, from the first to the last; nothing is held: nothing.
  struct Arrivals {
    TimePoint first;
    TimePoint last;
  };
  [[nodiscard]] std::optional<Arrivals> held_since() const;

  [[nodiscard]] OtlpAssemblerCounters counters() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace agentaudit
