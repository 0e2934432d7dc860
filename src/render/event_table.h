// EventTable: events one a line, for people.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "agentaudit/core/event.h"
#include "render/text_table.h"

namespace agentaudit {

enum class EventTableKind : std::uint8_t {
  events,
  open_intents,  // all pending; Event::duration is how long they have been open
};

// Not thread-safe.
class EventTable {
 public:
  explicit EventTable(TerminalStyle style, EventTableKind kind = EventTableKind::events);

  // The lines of these events; the first time with a heading before them. `trails`: as of
  // ListResult.
  [[nodiscard]] std::string text_of(std::span<const Event> events,
                                    std::span<const std::string> trails = {});

 private:
  const EventTableKind kind_;
  TextTable table_;
};

}  // namespace agentaudit
