// The trail's own `audit` events. Safe from any thread; nothing but the clock is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/store/store.h"
#include "store/id_ranges.h"

namespace agentaudit {

// An event of now, without summary and detail. `principal`: who asked for it; empty: nobody.
[[nodiscard]] Event trail_record(std::string_view action, std::string_view principal = {});

// Whether the clock, at `now`, was set back since an event was recorded at `last`: further than
// one that is kept in step by small corrections goes.
[[nodiscard]] bool is_set_back(Timestamp last, Timestamp now) noexcept;
[[nodiscard]] Event clock_record(Timestamp last, Timestamp now);

// That a prune deletes events: one record for as many ids as it can name.
[[nodiscard]] std::vector<Event> pruned_records(const PruneOpts& opts, const IdRanges& ids,
                                                std::string_view trail_id);

// The ids that a `pruned` record of that trail names; none: it is another's (an import may have
// brought it), or it names what was not there before it.
[[nodiscard]] IdRanges pruned_ids(const EventView& record, std::string_view trail_id);

// Texts of an event that were erased.
struct ErasedTexts {
  EventId id = 0;
  bool summary = false;
  bool detail = false;
};

// What a `redacted` record of that trail names; none: it is another's, or it names what was not
// there before it.
[[nodiscard]] std::optional<ErasedTexts> redacted_texts(const EventView& record,
                                                        std::string_view trail_id);

// Appends `,"name":"text"`; nothing where the text is empty.
void append_member(std::string& json, std::string_view name, std::string_view text);

}  // namespace agentaudit
