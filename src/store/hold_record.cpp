#include "store/hold_record.h"

#include <algorithm>

#include "agentaudit/core/names.h"
#include "store/trail_record.h"

namespace agentaudit {
namespace {

std::string text_of(const std::optional<Timestamp>& instant) {
  return instant ? instant->to_string() : std::string();
}

// `agent "ada", conversation "c-1", since …`
std::string coverage_text(const HoldOpts& opts) {
  std::string text;
  const auto add = [&text](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    if (!text.empty()) text += ", ";
    text.append(name).append(" ").append(value);
  };
  add("agent", opts.agent);
  add("conversation", opts.conversation_id);
  add("since", text_of(opts.since));
  add("until", text_of(opts.until));
  return text;
}

// `hold`: what it covers; `act`: who and why.
Event record_of(std::string_view action, const Hold& hold, const HoldRelease& act,
                std::string_view trail_id) {
  const HoldOpts& opts = hold.opts;
  const std::string id = std::to_string(hold.id);
  Event record = trail_record(action, act.principal);
  record.conversation_id = opts.conversation_id;
  record.summary = (action == action::hold_added ? "added hold " : "released hold ") + id + " of " +
                   coverage_text(opts);
  record.detail = R"({"hold":)" + id;
  append_member(record.detail, "agent", opts.agent);
  append_member(record.detail, "conversation_id", opts.conversation_id);
  append_member(record.detail, "since", text_of(opts.since));
  append_member(record.detail, "until", text_of(opts.until));
  append_member(record.detail, "trail", trail_id);
  append_member(record.detail, "reason", act.reason);
  record.detail += '}';
  return record;
}

bool covers(const HoldOpts& opts, const EventView& event) {
  return (opts.agent.empty() || opts.agent == event.agent) &&
         (opts.conversation_id.empty() || opts.conversation_id == event.conversation_id) &&
         (!opts.since || *opts.since <= event.timestamp) &&
         (!opts.until || *opts.until >= event.timestamp);
}

}  // namespace

const Hold* hold_of(const std::vector<Hold>& holds, const EventView& event) {
  const auto found =
      std::ranges::find_if(holds, [&](const Hold& hold) { return covers(hold.opts, event); });
  return found == holds.end() ? nullptr : &*found;
}

Result<Event> hold_added_record(const Hold& hold, std::string_view trail_id) {
  const HoldOpts& opts = hold.opts;
  if (opts.agent.empty() && opts.conversation_id.empty() && !opts.since && !opts.until) {
    return fail(ErrorCode::invalid_argument,
                "a hold needs an agent, a conversation or a span of time");
  }
  if (opts.since && opts.until && *opts.until < *opts.since) {
    return fail(ErrorCode::invalid_argument, "the hold ends before it begins");
  }
  if (opts.reason.empty()) return fail(ErrorCode::invalid_argument, "a hold needs a reason");
  return record_of(action::hold_added, hold,
                   {.id = hold.id, .principal = opts.principal, .reason = opts.reason}, trail_id);
}

Result<Event> hold_released_record(const std::vector<Hold>& holds, const HoldRelease& release,
                                   std::string_view trail_id) {
  if (release.reason.empty()) {
    return fail(ErrorCode::invalid_argument, "a release needs a reason");
  }
  const auto found = std::ranges::find(holds, release.id, &Hold::id);
  if (found == holds.end()) {
    return fail(ErrorCode::not_found, "there is no hold " + std::to_string(release.id));
  }
  return record_of(action::hold_released, *found, release, trail_id);
}

}  // namespace agentaudit
