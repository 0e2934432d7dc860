// What every store that erases texts checks and keeps, and the `redacted` event that says so.
// Pure, but for the clock.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"
#include "agentaudit/store/hold.h"
#include "agentaudit/store/store.h"
#include "store/trail_record.h"

namespace agentaudit {

// An event before a text of it is erased. Views of what must outlive it.
struct RedactionSubject {
  EventView event;
  std::string_view nonce;
  ErasedTexts erased;  // before
};

// That the texts are erased. Errors: invalid_argument (no text is named, or one that is redacted
// already; a record of the trail itself; under one of the holds).
[[nodiscard]] Result<Event> redacted_record(const RedactOpts& opts, const RedactionSubject& subject,
                                            const std::vector<Hold>& holds,
                                            std::string_view trail_id);

// What of the nonce is to stay: the salt of the text that is left, if one is.
[[nodiscard]] std::string nonce_after(const RedactOpts& opts, const RedactionSubject& subject);

// Where there is no event of that id.
[[nodiscard]] Error no_event_to_redact(EventId id);

}  // namespace agentaudit
