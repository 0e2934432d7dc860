// The SQL of a page over the trails of a fleet. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentaudit/core/query.h"
#include "store/list_cursor.h"

namespace agentaudit::clickhouse_page {

// The cursor of a page over several trails has the trail after it.
struct FleetCursor {
  ListCursor place;
  std::string trail;
};

// Errors: invalid_argument (of another question).
[[nodiscard]] Result<FleetCursor> parse_cursor(std::string_view text, Order order, bool is_fleet);

// What comes after the cursor, as a condition.
[[nodiscard]] std::string beyond(const FleetCursor& cursor, Order order, bool is_fleet);

// Appends a key to what stands in `(trail, id) IN (…)`.
void append_key(std::string& keys, std::string_view trail, EventId id);

// Whether an event has the piece of text, in any case of ASCII letters.
[[nodiscard]] std::string contains(std::string_view piece);

[[nodiscard]] std::string order_by(Order order);
// Of the places of a page alone: two versions of one event are one place.
[[nodiscard]] std::string order_of_places(Order order);

// Events that match: how many, and from when to when.
struct Extent {
  std::int64_t total = 0;
  Timestamp first{};
  Timestamp last{};
};

// A condition that narrows a page of many events to where it most likely is, at one end of
// their time; none: there is no telling. Where fewer match than the page has, ask without it:
// twice is faster than sorting all of them.
[[nodiscard]] std::optional<std::string> near_end(const Extent& all, const ListOpts& opts,
                                                  const std::optional<FleetCursor>& cursor);

}  // namespace agentaudit::clickhouse_page
