#include "cli/event_id.h"

#include <string>

#include "core/whole_number.h"

namespace agentaudit {

Result<EventId> parse_event_id(std::string_view text) {
  const auto id = whole_number(text);
  if (id && *id > 0) return *id;
  return fail(ErrorCode::invalid_argument,
              "ID: \"" + std::string(text) + "\" is not the id of an event");
}

}  // namespace agentaudit
