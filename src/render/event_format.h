// EventFormat: in which form many events are written, one after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"

namespace agentaudit {

enum class EventFormat : std::uint8_t { json_lines, csv, ocsf };

// `jsonl`, `csv`, `ocsf`; nullopt: there is no such format.
[[nodiscard]] std::optional<EventFormat> event_format_of(std::string_view name) noexcept;

// What stands before all events.
void append_head(std::string& out, EventFormat format);
// The event with its line end. In JSON Lines the trail, where one is named, stands before the
// event's own members; the other forms do not say it.
void append_event(std::string& out, EventFormat format, const EventView& event,
                  std::string_view trail = {});

}  // namespace agentaudit
