#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "agentaudit/core/names.h"
#include "agentaudit/ingest/otlp.h"
#include "core/random_bytes.h"
#include "ingest/otlp_detail.h"

namespace agentaudit {
namespace {

// Ancestors that are asked on the way up; a chain that long is a mistake, or a circle.
constexpr int ancestors_max = 128;

// Seeded, so that nobody can send ids that all fall together.
class SpanIdHash {
 public:
  SpanIdHash() {
    std::array<char, sizeof seed_> bytes{};
    // Without a source of it the hash is as good as any other.
    if (random_bytes(bytes)) std::memcpy(&seed_, bytes.data(), sizeof seed_);
  }
  std::size_t operator()(const OtlpSpanId& id) const noexcept {
    std::array<std::uint64_t, 3> words{};
    std::memcpy(words.data(), id.trace.data(), id.trace.size());
    std::memcpy(&words[2], id.span.data(), id.span.size());
    std::uint64_t hash = seed_;
    for (const std::uint64_t word : words) {
      constexpr std::uint64_t odd = 0x9E37'79B9'7F4A'7C15U;
      hash = (hash ^ word) * odd;
      hash ^= hash >> 32U;
    }
    return hash;
  }

 private:
  std::uint64_t seed_ = 0;
};

// What is known of a span, whether it became an event or not.
struct KnownSpan {
  bool is_seen = false;  // else only its child was
  OtlpSpanId parent;
  std::string agent;
  std::string conversation;
  std::string tool;
  bool has_outcome = false;
  std::string error;

  [[nodiscard]] std::size_t bytes() const noexcept {
    // With what the maps need beside it.
    constexpr std::size_t around = 128;
    return sizeof(KnownSpan) + around + agent.size() + conversation.size() + tool.size() +
           error.size();
  }
};

// A log record that was put into the event of its span.
struct Part {
  Timestamp time;
  std::string origin_key;
  std::string detail;

  [[nodiscard]] auto order() const { return std::tie(time, origin_key); }
};

struct HeldEvent {
  OtlpEvent made;
  OtlpAssembler::TimePoint deadline;
  OtlpSpanId next;  // the ancestor to ask next
  int ancestors_asked = 0;
  bool is_chain_open = true;
  std::string tool_around;  // the nearest tool call that it is within
  std::vector<Part> parts;
  bool has_last_part = false;
  std::vector<OtlpSpanId> watched;  // it wakes when something of these is learnt
  std::size_t bytes = 0;

  Event& event() noexcept { return made.keyed.event; }
};

std::size_t bytes_of(const HeldEvent& held) {
  constexpr std::size_t around = 256;
  return sizeof(HeldEvent) + around + size_bytes(held.made.keyed.event);
}

}  // namespace

class OtlpAssembler::State {
 public:
  explicit State(OtlpAssemblerOptions options) : options_(options) {}

  void add(OtlpBatch batch, TimePoint now) {
    for (OtlpContext& context : batch.contexts) learn(std::move(context));
    for (OtlpOutcome& outcome : batch.outcomes) learn(std::move(outcome));
    for (OtlpEvent& event : batch.events) hold(std::move(event), now);
  }

  std::vector<KeyedEvent> take_ready(TimePoint now) {
    while (!held_.empty() && held_.begin()->second.deadline <= now) {
      ++counters_.timed_out;
      release(held_.begin());
    }
    return take();
  }

  std::vector<KeyedEvent> flush() {
    while (!held_.empty()) release(held_.begin());
    return take();
  }

  [[nodiscard]] std::optional<TimePoint> next_deadline() const {
    if (held_.empty()) return std::nullopt;
    return held_.begin()->second.deadline;
  }

  [[nodiscard]] std::optional<Arrivals> held_since() const {
    if (held_.empty()) return std::nullopt;
    return Arrivals{.first = held_.begin()->second.deadline - options_.hold,
                    .last = held_.rbegin()->second.deadline - options_.hold};
  }

  [[nodiscard]] OtlpAssemblerCounters counters() const {
    OtlpAssemblerCounters counters = counters_;
    counters.held_events = held_.size();
    return counters;
  }

 private:
  using Sequence = std::uint64_t;
  // By arrival, and so by deadline.
  using HeldEvents = std::map<Sequence, HeldEvent>;

  // Changes what is known of a span, and keeps the count of its bytes.
  template <typename Change>
  void change(const OtlpSpanId& id, const Change& change_it) {
    const auto [known, is_new] = known_.try_emplace(id);
    if (is_new) {
      known_order_.push_back(id);
    } else {
      counters_.context_bytes -= known->second.bytes();
    }
    change_it(known->second);
    counters_.context_bytes += known->second.bytes();
    while (counters_.context_bytes > options_.context_bytes_max && known_order_.size() > 1) {
      const auto oldest = known_.find(known_order_.front());
      counters_.context_bytes -= oldest->second.bytes();
      known_.erase(oldest);
      known_order_.pop_front();
    }
  }

  void learn(OtlpContext context) {
    const OtlpSpanId id = context.id;
    change(id, [&](KnownSpan& known) {
      known.is_seen = true;
      known.parent = context.parent;
      known.agent = std::move(context.agent);
      known.conversation = std::move(context.conversation);
      known.tool = std::move(context.tool);
    });
    wake(id);
  }

  void learn(OtlpOutcome outcome) {
    if (!outcome.call.is_set()) return;
    change(outcome.call, [&](KnownSpan& known) {
      known.has_outcome = true;
      // A failure is not undone by another child that went well.
      if (!outcome.error.empty()) known.error = std::move(outcome.error);
    });
    wake(outcome.call);
  }

  void hold(OtlpEvent made, TimePoint now) {
    if (!keys_.insert(made.keyed.origin_key).second) {
      ++counters_.repeated;
      return;
    }
    const auto place = held_.emplace_hint(held_.end(), ++last_sequence_, HeldEvent{});
    HeldEvent& held = place->second;
    held.made = std::move(made);
    held.deadline = now + options_.hold;
    held.next = held.made.ancestor;
    held.bytes = bytes_of(held);
    counters_.held_bytes += held.bytes;
    const OtlpSpanId span = held.made.span;
    if (held.made.is_part_of_span) {
      parts_come_ = true;
      advance(place);
      advance_event_of(span);
    } else if (!held.event().span_id.empty()) {
      spans_held_[span] = place->first;
      wake(span);  // parts that came earlier
      advance_event_of(span);
    } else {
      advance(place);
    }
    while (held_.size() > options_.events_max || counters_.held_bytes > options_.bytes_max) {
      ++counters_.crowded_out;
      release(held_.begin());
    }
  }

  // Goes on with all that waited for this span.
  void wake(OtlpSpanId id) {
    const auto [first, last] = watchers_.equal_range(id);
    if (first == last) return;
    std::vector<Sequence> woken;
    for (auto watcher = first; watcher != last; ++watcher) woken.push_back(watcher->second);
    watchers_.erase(first, last);
    std::sort(woken.begin(), woken.end());
    for (const Sequence sequence : woken) {
      const auto place = held_.find(sequence);
      if (place == held_.end()) continue;
      std::erase(place->second.watched, id);
      advance(place);
    }
    // All parts of it are in it before it may go.
    advance_event_of(id);
  }

  void advance_event_of(const OtlpSpanId& id) {
    const auto span = spans_held_.find(id);
    if (span != spans_held_.end()) advance(held_.find(span->second));
  }

  void watch(HeldEvents::iterator place, const OtlpSpanId& id) {
    auto& watched = place->second.watched;
    if (std::find(watched.begin(), watched.end(), id) != watched.end()) return;
    watched.push_back(id);
    watchers_.emplace(id, place->first);
  }

  // Learns what can be learnt now, and lets the event go if nothing is open.
  void advance(HeldEvents::iterator place) {
    HeldEvent& held = place->second;
    if (held.made.is_part_of_span) {
      if (const auto span = spans_held_.find(held.made.span); span != spans_held_.end()) {
        put_into(held_.find(span->second), place);
      } else {
        watch(place, held.made.span);
      }
      return;
    }
    if (held.is_chain_open && !ask_ancestors(held)) watch(place, held.next);
    bool is_open = held.is_chain_open;
    if (held.made.awaits_outcome) {
      const auto known = known_.find(held.made.span);
      if (known == known_.end() || !known->second.has_outcome) {
        watch(place, held.made.span);
        is_open = true;
      }
    }
    // A part puts itself into the event.
    if (held.made.awaits_records && parts_come_ && !held.has_last_part) is_open = true;
    if (!is_open) release(place);
  }

  // False: the next ancestor was not seen yet.
  bool ask_ancestors(HeldEvent& held) {
    Event& event = held.event();
    const auto is_missing = [&] {
      return event.agent.empty() || event.conversation_id.empty() ||
             (held.made.may_repeat_the_call && held.tool_around.empty());
    };
    while (is_missing() && held.next.is_set() && held.ancestors_asked < ancestors_max) {
      const auto known = known_.find(held.next);
      if (known == known_.end() || !known->second.is_seen) return false;
      ++held.ancestors_asked;
      if (event.agent.empty()) event.agent = known->second.agent;
      if (event.conversation_id.empty()) event.conversation_id = known->second.conversation;
      if (held.tool_around.empty()) held.tool_around = known->second.tool;
      held.next = known->second.parent;
    }
    held.is_chain_open = false;
    return true;
  }

  void put_into(HeldEvents::iterator span, HeldEvents::iterator part) {
    HeldEvent& held = span->second;
    held.parts.push_back({.time = part->second.event().timestamp,
                          .origin_key = part->second.made.keyed.origin_key,
                          .detail = std::move(part->second.event().detail)});
    held.has_last_part = held.has_last_part || part->second.made.is_last_part;
    const std::size_t bytes = held.parts.back().detail.size();
    held.bytes += bytes;
    counters_.held_bytes += bytes;
    keys_.erase(part->second.made.keyed.origin_key);
    forget(part);
  }

  // Takes the event out of all that refers to it.
  void forget(HeldEvents::iterator place) {
    const HeldEvent& held = place->second;
    for (const OtlpSpanId& id : held.watched) {
      const auto [first, last] = watchers_.equal_range(id);
      const auto own = std::find_if(
          first, last, [&](const auto& watcher) { return watcher.second == place->first; });
      if (own != last) watchers_.erase(own);
    }
    const auto span = spans_held_.find(held.made.span);
    if (span != spans_held_.end() && span->second == place->first) spans_held_.erase(span);
    counters_.held_bytes -= held.bytes;
    held_.erase(place);
  }

  // The event is ready, with what is known.
  void release(HeldEvents::iterator place) {
    HeldEvent& held = place->second;
    Event& event = held.event();
    if (event.agent.empty()) event.agent = std::move(held.made.agent_default);
    if (event.conversation_id.empty()) {
      event.conversation_id = std::move(held.made.conversation_default);
    }
    if (held.made.may_repeat_the_call && held.tool_around == event.target) {
      event.category = category::mcp;
      event.action = "tools/call";
    }
    if (held.made.awaits_outcome) {
      const auto known = known_.find(held.made.span);
      if (known != known_.end() && !known->second.error.empty()) {
        set_error(event, known->second.error);
      }
    }
    if (!held.parts.empty()) append_parts(held);
    ready_.push_back(std::move(held.made.keyed));
    forget(place);
  }

  static void append_parts(HeldEvent& held) {
    std::sort(held.parts.begin(), held.parts.end(),
              [](const Part& a, const Part& b) { return a.order() < b.order(); });
    std::string json;
    for (const Part& part : held.parts) {
      json += json.empty() ? '[' : ',';
      json += part.detail;
    }
    json += ']';
    add_to_detail(held.event().detail, "log_records", json);
  }

  std::vector<KeyedEvent> take() {
    std::vector<KeyedEvent> taken = std::exchange(ready_, {});
    for (const KeyedEvent& keyed : taken) keys_.erase(keyed.origin_key);
    std::sort(taken.begin(), taken.end(), [](const KeyedEvent& a, const KeyedEvent& b) {
      return std::tie(a.event.timestamp, a.origin_key) < std::tie(b.event.timestamp, b.origin_key);
    });
    return taken;
  }

  const OtlpAssemblerOptions options_;
  OtlpAssemblerCounters counters_;
  const SpanIdHash hash_;
  std::unordered_map<OtlpSpanId, KnownSpan, SpanIdHash> known_{0, hash_};
  std::deque<OtlpSpanId> known_order_;
  HeldEvents held_;
  Sequence last_sequence_ = 0;
  std::unordered_multimap<OtlpSpanId, Sequence, SpanIdHash> watchers_{0, hash_};
  std::unordered_map<OtlpSpanId, Sequence, SpanIdHash> spans_held_{0, hash_};
  bool parts_come_ = false;  // log records that belong into events of spans have been seen
  std::vector<KeyedEvent> ready_;
  std::unordered_set<std::string> keys_;  // of what is held or ready
};

OtlpAssembler::OtlpAssembler(OtlpAssemblerOptions options)
    : state_(std::make_unique<State>(options)) {}
OtlpAssembler::~OtlpAssembler() = default;
OtlpAssembler::OtlpAssembler(OtlpAssembler&&) noexcept = default;
OtlpAssembler& OtlpAssembler::operator=(OtlpAssembler&&) noexcept = default;

void OtlpAssembler::add(OtlpBatch batch, TimePoint now) { state_->add(std::move(batch), now); }

std::vector<KeyedEvent> OtlpAssembler::take_ready(TimePoint now) { return state_->take_ready(now); }

std::vector<KeyedEvent> OtlpAssembler::flush() { return state_->flush(); }

std::optional<OtlpAssembler::TimePoint> OtlpAssembler::next_deadline() const {
  return state_->next_deadline();
}

std::optional<OtlpAssembler::Arrivals> OtlpAssembler::held_since() const {
  return state_->held_since();
}

OtlpAssemblerCounters OtlpAssembler::counters() const { return state_->counters(); }

}  // namespace agentaudit
