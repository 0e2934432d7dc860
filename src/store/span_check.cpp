#include "store/span_check.h"

#include <utility>

#include "agentaudit/core/names.h"
#include "store/verify_findings.h"

namespace agentaudit {

void SpanEvents::add(const EventView& event) {
  if (event.span_id.empty() && event.parent_span_id.empty()) return;
  const bool approval = event.category == category::approval;
  const Kind kind = event.status == status::pending           ? Kind::pending
                    : event.status == status::denied          ? Kind::denied
                    : event.status == status::ok && !approval ? Kind::act
                                                              : Kind::other;
  // No event holds a string that a u32 could not count: limits::event_bytes_max.
  entries_.push_back({.id = event.id,
                      .timestamp_ns = event.timestamp.ns(),
                      .trace_bytes = static_cast<std::uint32_t>(event.trace_id.size()),
                      .span_bytes = static_cast<std::uint32_t>(event.span_id.size()),
                      .parent_bytes = static_cast<std::uint32_t>(event.parent_span_id.size()),
                      .kind = kind,
                      .approval = approval});
  ids_ += event.trace_id;
  ids_ += event.span_id;
  ids_ += event.parent_span_id;
}

void SpanCheck::follow(const SpanEvents& events, bool is_asked) {
  using Kind = SpanEvents::Kind;
  std::string_view rest = events.ids_;
  const auto next = [&rest](std::uint32_t bytes) {
    const std::string_view id = rest.substr(0, bytes);
    rest.remove_prefix(bytes);
    return id;
  };
  for (const SpanEvents::Entry& entry : events.entries_) {
    const std::string_view trace = next(entry.trace_bytes);
    const std::string_view span = next(entry.span_bytes);
    const std::string_view parent = next(entry.parent_bytes);
    if (entry.kind != Kind::pending) {
      open_.end(span, parent);
    } else if (is_asked && !span.empty() && entry.timestamp_ns <= pending_until_ns_) {
      open_.begin(span,
                  {.timestamp_ns = entry.timestamp_ns, .id = entry.id, .approval = entry.approval});
    }
    if (entry.kind == Kind::denied && is_asked && !span.empty()) {
      denials_.try_emplace(key_of(trace, span), Denial{.id = entry.id, .approval = entry.approval});
    }
    if (entry.kind != Kind::act || denials_.empty()) continue;
    if (const EventId denial = denial_of(trace, span, parent); denial != 0) {
      add_finding(acts_, entry.id,
                  "event " + std::to_string(entry.id) + " was done after event " +
                      std::to_string(denial) + " had denied it");
    }
  }
}

EventId SpanCheck::denial_of(std::string_view trace, std::string_view span,
                             std::string_view parent) {
  if (!span.empty()) {
    const auto own = denials_.find(key_of(trace, span));
    if (own != denials_.end()) return own->second.id;
  }
  if (parent.empty()) return 0;
  const auto asked = denials_.find(key_of(trace, parent));
  return asked != denials_.end() && asked->second.approval ? asked->second.id : 0;
}

const std::string& SpanCheck::key_of(std::string_view trace, std::string_view span) {
  key_ = span;
  key_ += '\0';
  key_ += trace;
  return key_;
}

void SpanCheck::report(VerifyFindings& findings) {
  add_findings(findings, acts_);
  std::vector<Intent> intents = open_.all();
  VerifyFindings open;
  open.total = static_cast<std::int64_t>(intents.size());
  keep_oldest(intents, VerifyFindings::kept_max);
  for (const Intent& intent : intents) {
    open.first.push_back({.id = intent.id,
                          .what = "event " + std::to_string(intent.id) + " is pending since " +
                                  Timestamp::from_ns(intent.timestamp_ns).to_string() +
                                  " and never ended"});
  }
  add_findings(findings, std::move(open));
}

}  // namespace agentaudit
