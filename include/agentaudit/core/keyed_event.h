// KeyedEvent: an event with what makes it the same when it comes again.
#pragma once

#include <string>

#include "agentaudit/core/event.h"

namespace agentaudit {

struct KeyedEvent {
  Event event;
  // Raw bytes that any repetition of the event's origin has again and nothing else has:
  // trace id and span id, or a digest. Empty: the origin has no identity.
  std::string origin_key;

  friend bool operator==(const KeyedEvent&, const KeyedEvent&) = default;
};

}  // namespace agentaudit
