// SpanCheck: which intents never ended and which acts were done after their denial, for
// SqliteStore::verify.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/verification.h"
#include "store/open_intents.h"

namespace agentaudit {

// What the events of a part of the trail say about spans; those that are about none are
// left out.
class SpanEvents {
 public:
  void add(const EventView& event);

 private:
  friend class SpanCheck;

  enum class Kind : std::uint8_t { other, pending, denied, act };
  struct Entry {
    EventId id;
    std::int64_t timestamp_ns;
    std::uint32_t trace_bytes;
    std::uint32_t span_bytes;
    std::uint32_t parent_bytes;
    Kind kind;
    bool approval;
  };

  std::vector<Entry> entries_;
  std::string ids_;  // of each entry: its trace, span and parent
};

// Not thread-safe.
class SpanCheck {
 public:
  // An intent that is younger than `pending_until` may still end.
  explicit SpanCheck(Timestamp pending_until) : pending_until_ns_(pending_until.ns()) {}

  // The events that come next in the trail; where `is_asked` is false, only what they say
  // about those before them counts.
  void follow(const SpanEvents& events, bool is_asked);

  // Adds what was done after it was denied, and the oldest of the intents that never ended.
  void report(VerifyFindings& findings);

 private:
  struct Denial {
    EventId id = 0;
    bool approval = false;
  };
  // What was denied must not end well later: by its own span, or as the act that a denied
  // approval was asked for. The id of the denial, or 0.
  [[nodiscard]] EventId denial_of(std::string_view trace, std::string_view span,
                                  std::string_view parent);
  // Valid until the next call.
  [[nodiscard]] const std::string& key_of(std::string_view trace, std::string_view span);

  std::int64_t pending_until_ns_;
  OpenIntents open_;
  std::unordered_map<std::string, Denial> denials_;
  std::string key_;
  VerifyFindings acts_;
};

}  // namespace agentaudit
