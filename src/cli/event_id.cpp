#include "cli/event_id.h"

#include <charconv>
#include <string>

namespace agentaudit {

Result<EventId> parse_event_id(std::string_view text) {
  EventId id = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (error == std::errc() && stop == end && id > 0) return id;
  return fail(ErrorCode::invalid_argument,
              "ID: \"" + std::string(text) + "\" is not the id of an event");
}

}  // namespace agentaudit
