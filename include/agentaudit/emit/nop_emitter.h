// NopEmitter: discards every event. For programs that record only when asked to.
#pragma once

#include "agentaudit/emit/emitter.h"

namespace agentaudit {

class NopEmitter final : public Emitter {
 public:
  // Discards the event and answers `dropped`; nothing is counted.
  Emitted emit(const EventView& /*event*/) noexcept override { return Emitted::dropped; }
};

}  // namespace agentaudit
