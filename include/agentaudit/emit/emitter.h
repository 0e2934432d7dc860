// Emitter: what an agent calls to record an event.
#pragma once

#include <cstdint>

#include "agentaudit/core/event.h"

namespace agentaudit {

// What became of an offered event.
enum class Emitted : std::uint8_t {
  accepted,  // it is in the buffer
  dropped,   // it was refused; counted, and later recorded in the trail as a gap
  durable,   // it is committed and synced (per-category policy `durable`)
};

class Emitter {
 public:
  Emitter() = default;
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;
  virtual ~Emitter() = default;

  // Offers one event. Safe from any thread; copies what it keeps; never throws. An
  // unset timestamp becomes now, an empty status `ok`.
  virtual Emitted emit(const EventView& event) noexcept = 0;
};

}  // namespace agentaudit
