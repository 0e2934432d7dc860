// EventSink: where events go. Implement it to send them anywhere.
#pragma once

#include <span>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  virtual ~EventSink() = default;

  // Takes all events or none; they are durable when it returns. The views are
  // valid only during the call. An empty span is invalid_argument. Must be safe
  // to call from any thread.
  [[nodiscard]] virtual Result<IdRange> write(std::span<const EventView> events) = 0;

  // Signs what was written and is not signed yet; without a key there is nothing to do.
  // BufferedEmitter asks for it when it is flushed and when no more events come. Must be
  // safe to call from any thread.
  [[nodiscard]] virtual Result<void> sign() { return {}; }
};

}  // namespace agentaudit
