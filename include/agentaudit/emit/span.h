// Span: a scope that records an intent and its effect.
//
//   agentaudit::Span span(emitter, {.category = "tool_call", .action = "execute",
//                                   .agent = "researcher", .target = "web_search"});
//   auto result = search(query);
//   span.set_detail(result.json);
//
// The constructor emits the event with status `pending`; the end of the scope emits
// it again with the duration and status `ok`, or `error` when an exception leaves the
// scope. Both carry the same span_id. If the process dies in between, the trail shows
// an intent that never ended.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/emit/emitter.h"

namespace agentaudit {

// Not thread-safe; belongs to one scope. The emitter must outlive it.
class Span {
 public:
  // `intent`: an empty trace_id or span_id is made up (random, W3C trace context); a
  // set status is ignored. To nest, give the outer span's trace_id() and its span_id()
  // as parent_span_id.
  Span(Emitter& emitter, Event intent);
  // Ends the span if end was not called.
  ~Span();

  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  // The effect's status, in place of ok (or of error, when left by an exception).
  void set_status(std::string_view status) { status_ = status; }
  void set_summary(std::string_view summary) { event_.summary = summary; }
  void set_detail(std::string_view detail) { event_.detail = detail; }

  // Emits the effect now. Later calls do nothing.
  void end() noexcept;

  [[nodiscard]] std::string_view trace_id() const noexcept { return event_.trace_id; }
  [[nodiscard]] std::string_view span_id() const noexcept { return event_.span_id; }

 private:
  Emitter& emitter_;
  Event event_;
  std::string status_;
  std::chrono::steady_clock::time_point started_;
  int exceptions_at_start_;
  bool ended_ = false;
};

}  // namespace agentaudit
