#include "cli/shipping.h"

#include <algorithm>
#include <utility>

#include "agentaudit/core/event_json.h"
#include "cli/progress_bar.h"
#include "cli/retry.h"
#include "cli/spool_file.h"
#include "store/recorded_ahead.h"
#include "store/rest.h"

namespace agentaudit {
namespace {

using Clock = std::chrono::steady_clock;

// What the target says of an event, not of itself.
bool is_refusal(const Error& error) {
  return error.code == ErrorCode::too_large || error.code == ErrorCode::invalid_argument;
}

// What time does not mend.
bool is_final(const Error& error) { return is_refusal(error) || error.code == ErrorCode::corrupt; }

Error of_another_history(EventId last_id, bool is_forked) {
  return {.code = ErrorCode::corrupt,
          .message = "the trail is not the one that was shipped up to event " +
                     std::to_string(last_id) +
                     (is_forked ? ": it was forked" : ": it was rolled back, or cut at its end") +
                     ". Nothing was sent; `agentaudit verify` tells more"};
}

}  // namespace

Shipping::Shipping(Context& context, Store& store, ShipTarget& target,
                   std::filesystem::path cursor_file, const ShippingOptions& options)
    : context_(context),
      store_(store),
      target_(target),
      cursor_file_(std::move(cursor_file)),
      refused_file_(cursor_file_.native() + ".refused"),
      options_(options) {}

Result<void> Shipping::begin() {
  auto trail_id = store_.trail_id();
  if (!trail_id) return fail(trail_id.error());
  auto kept = ShipCursor::read(cursor_file_);
  if (!kept) return fail(kept.error());
  if (*kept) {
    cursor_ = std::move(**kept);
    if (cursor_.trail_id != *trail_id) {
      return fail(ErrorCode::invalid_argument, cursor_file_.native() + " is the cursor of trail " +
                                                   cursor_.trail_id + ", and this one is " +
                                                   *trail_id);
    }
    // What was shipped must be the start of what is there now.
    if (auto grown = check_root(cursor_.last_id, cursor_.root); !grown) return grown;
  } else {
    cursor_.trail_id = std::move(*trail_id);
  }
  const auto held = target_.begin(cursor_);
  if (!held) return fail(held.error());
  return check_held(*held);
}

Result<void> Shipping::check_root(EventId last_id, const std::string& expected) const {
  const auto root = store_.root_at(last_id);
  if (!root && root.error().code != ErrorCode::not_found) return fail(root.error());
  if (root && *root == expected) return {};
  return fail(of_another_history(last_id, root.has_value()));
}

// So must what the target holds, whose cursor may be lost, or older than it.
Result<void> Shipping::check_held(const ShipTarget::Held& held) const {
  if (held.tree_size > 0) {
    if (auto same = check_root(held.tree_size, held.root); !same) return same;
  }
  if (held.last_id == 0) return {};
  const auto root = store_.root_at(held.last_id);
  if (!root && root.error().code == ErrorCode::not_found) {
    return fail(of_another_history(held.last_id, false));
  }
  // An event that was pruned, or is not what was recorded, is not compared here.
  const auto own = store_.recorded(held.last_id - 1, 1, {});
  if (own && !own->empty() && own->front().event.id == held.last_id &&
      own->front().leaf != held.leaf) {
    return fail(of_another_history(held.last_id, true));
  }
  return {};
}

Result<void> Shipping::catch_up(const Interrupt& interrupt) {
  ProgressBar bar(context_.talk, "Shipping");
  const std::int64_t limit =
      options_.rate > 0 ? std::min(options_.rate, recorded_events_max) : recorded_events_max;
  RecordedAhead recorded(store_, cursor_.last_id, limit, interrupt.token());
  while (!interrupt.requested()) {
    const auto started = Clock::now();
    const auto events = recorded.next();
    if (!events && events.error().code == ErrorCode::cancelled) return {};
    if (!events) return fail(events.error());
    if (events->empty()) return send_checkpoint();
    const std::int64_t refused_before = refused_;
    if (auto sent = send(*events, interrupt); !sent) return sent;
    if (auto moved = move_on(events->back().event.id); !moved) return moved;
    const auto count = static_cast<std::int64_t>(events->size());
    shipped_ += count - (refused_ - refused_before);
    const auto last = bar.is_shown() ? store_.last_id() : cursor_.last_id;
    if (last) bar.update(cursor_.last_id, *last);
    if (options_.rate <= 0) continue;
    const std::chrono::duration<double> due(static_cast<double>(count) /
                                            static_cast<double>(options_.rate));
    rest(interrupt.token(),
         std::chrono::duration_cast<Clock::duration>(due) - (Clock::now() - started));
  }
  return {};
}

// Where one of several is refused, the others go without it.
Result<void> Shipping::send(std::span<const RecordedEvent> events, const Interrupt& interrupt) {
  Retry retry(context_, options_.patience, interrupt.descriptor());
  Result<void> sent = target_.send(events, cursor_);
  while (!sent && !is_final(sent.error()) && retry.should_try_again(sent.error())) {
    sent = target_.send(events, cursor_);
  }
  if (sent) retry.succeeded();
  if (sent || !is_refusal(sent.error())) return sent;
  if (events.size() == 1) return set_aside(events[0].event, sent.error());
  const std::size_t half = events.size() / 2;
  if (auto first = send(events.first(half), interrupt); !first) return first;
  return send(events.subspan(half), interrupt);
}

Result<void> Shipping::set_aside(const Event& event, const Error& why) {
  std::string line = R"({"trail":")" + cursor_.trail_id + R"(","refused":)";
  append_json_string(line, why.message);
  line += ",\"event\":";
  append_json(line, event);
  line += '}';
  if (auto kept = SpoolFile(refused_file_).append(line); !kept) return kept;
  ++refused_;
  return {};
}

Result<void> Shipping::move_on(EventId last_id) {
  auto root = store_.root_at(last_id);
  if (!root) return fail(root.error());
  cursor_.last_id = last_id;
  cursor_.root = std::move(*root);
  return cursor_.write(cursor_file_);
}

Result<void> Shipping::send_checkpoint() {
  const auto note = store_.checkpoint();
  if (!note || *note == checkpoint_) return {};
  if (auto sent = target_.checkpoint(cursor_.trail_id, *note); !sent) return sent;
  checkpoint_ = *note;
  return {};
}

ShippingCounts Shipping::counts() {
  const auto last = store_.last_id();
  return {.shipped = shipped_,
          .last_id = cursor_.last_id,
          .behind = last ? std::max<std::int64_t>(*last - cursor_.last_id, 0) : 0,
          .refused = refused_,
          .refused_path = refused_file_};
}

}  // namespace agentaudit
