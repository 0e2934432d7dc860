// Event: one thing that an agent did, or that was done to it; and EventView,
// its non-owning twin.
//
//   agentaudit::Event event;
//   event.category = agentaudit::category::tool_call;
//   event.action = "execute";
//   event.agent = "researcher";
//   event.target = "web_search";
//   event.summary = "web_search: weather in Lisbon";
//   event.detail = R"({"arguments":{"query":"weather in Lisbon"}})";
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// Position in the trail: 1, 2, 3 … without holes, given by the store in commit
// order. Zero: not stored yet.
using EventId = std::int64_t;

// The ids of one committed batch, both inclusive, consecutive.
struct IdRange {
  EventId first = 0;
  EventId last = 0;

  friend bool operator==(const IdRange&, const IdRange&) = default;
};

// Every string may hold any bytes; it is stored byte for byte and escaped only
// on output. All of them together are at most limits::event_bytes_max.
struct Event {
  EventId id = 0;
  Timestamp timestamp{};                  // when it happened; not set: now, at emit or insert
  std::string category{};                 // see category::all; an open set
  std::string action{};                   // what was done: execute, complete, approve …
  std::string agent{};                    // who did it
  std::string summary{};                  // one line for people
  std::string detail{};                   // JSON text with all the rest; names in docs/detail.md
  std::string status{};                   // see status::all; empty: ok, at emit or insert
  std::chrono::milliseconds duration{0};  // how long it took
  std::string source;                     // which part of the system reported it
  std::string conversation_id;            // the session or thread
  std::string target;                     // the thing acted on: tool, model, skill, server
  std::string principal;                  // on whose behalf
  std::string trace_id;                   // W3C trace context, lower-case hex
  std::string span_id;                    // joins an intent (pending) and its effect
  std::string parent_span_id;

  friend bool operator==(const Event&, const Event&) = default;
};

// The same fields as views. It owns nothing: what it points to must outlive it.
struct EventView {
  EventId id = 0;
  Timestamp timestamp;
  std::string_view category;
  std::string_view action;
  std::string_view agent;
  std::string_view summary;
  std::string_view detail;
  std::string_view status;
  std::chrono::milliseconds duration{0};
  std::string_view source;
  std::string_view conversation_id;
  std::string_view target;
  std::string_view principal;
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_span_id;

  EventView() = default;
  // Implicit on purpose: an Event is accepted wherever a view is.
  EventView(const Event& event) noexcept;  // NOLINT(google-explicit-constructor)

  // An owning copy.
  [[nodiscard]] Event to_event() const;
};

// Bytes of all strings of the event together.
[[nodiscard]] std::size_t size_bytes(const EventView& event) noexcept;

// Checks an event against limits::event_bytes_max. Errors: too_large.
[[nodiscard]] Result<void> check_limits(const EventView& event);

// If the event is over limits::event_bytes_max, replaces its detail by
// {"truncated":true,"bytes":N,"sha256":"…","head":"…"}: the full detail's length
// and SHA-256 (FIPS 180-4, lower-case hex), and as much of its start as fits.
// Other strings that alone are over the limit are cut at its share and named in
// "cut". Returns whether anything was cut.
[[nodiscard]] bool cut_to_limit(Event& event);

}  // namespace agentaudit
