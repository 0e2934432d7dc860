// EventKeys: what tells whether the events of a request came before. docs/http.md, "Storing".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "server/http_message.h"

namespace agentaudit {

// Does not change once it is made.
class EventKeys {
 public:
  // From the headers Idempotency-Key and Agentaudit-Trail; `source`: the caller's, whose keys
  // are nobody else's. Errors: invalid_argument (one that is none, or both).
  [[nodiscard]] static Result<EventKeys> of(const HttpRequest& request, std::string_view source);

  // The trail that the events come from, whose ids they have; empty: none was named.
  [[nodiscard]] const std::string& trail_id() const noexcept { return trail_id_; }
  // The origin key of each event; without a header each is empty. Errors: invalid_argument (an
  // event of a trail has no id).
  [[nodiscard]] Result<std::vector<std::string>> of_events(std::span<const Event> events) const;

 private:
  std::string source_digest_;
  std::string key_;
  std::string trail_id_;
};

}  // namespace agentaudit
