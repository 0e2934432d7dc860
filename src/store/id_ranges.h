// IdRanges: a set of ids as text, `1-5000,5003`, for a `pruned` event to name what goes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

// Ascending ranges of ids from 1 to the greatest there is, that do not touch.
using IdRanges = std::vector<IdRange>;

// Adds an id that is greater than all before it.
void add_id(IdRanges& ranges, EventId id);
// How many ids there are.
[[nodiscard]] std::int64_t count_ids(const IdRanges& ranges) noexcept;

[[nodiscard]] std::string to_text(const IdRanges& ranges);
// Errors: parse (what to_text does not write).
[[nodiscard]] Result<IdRanges> parse_id_ranges(std::string_view text);

// Both together; the result has them in order.
[[nodiscard]] IdRanges united(IdRanges first, const IdRanges& second);
// The ids of `ranges` that are not in `other`.
[[nodiscard]] IdRanges without(const IdRanges& ranges, const IdRanges& other);
// "event 7", "events 7 to 9".
[[nodiscard]] std::string range_text(const IdRange& range);
[[nodiscard]] bool has_id(const IdRanges& ranges, EventId id) noexcept;

}  // namespace agentaudit
