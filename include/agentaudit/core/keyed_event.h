// KeyedEvent: an event with what makes it the same when it comes again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"

namespace agentaudit {

struct KeyedEvent {
  Event event;
  // Raw bytes that any repetition of the event's origin has again and nothing else has:
  // trace id and span id, or a digest. Empty: the origin has no identity.
  std::string origin_key;

  friend bool operator==(const KeyedEvent&, const KeyedEvent&) = default;
};

// The same as views. What it points to must outlive it.
struct KeyedView {
  EventView event{};
  std::string_view origin_key{};

  KeyedView() = default;
  KeyedView(const EventView& of, std::string_view key) : event(of), origin_key(key) {}
  // Implicit on purpose, as EventView is of Event.
  KeyedView(const KeyedEvent& keyed)  // NOLINT(google-explicit-constructor)
      : event(keyed.event), origin_key(keyed.origin_key) {}
};

// Bytes of an origin key.
inline constexpr std::size_t origin_key_bytes_max = 64;

}  // namespace agentaudit
