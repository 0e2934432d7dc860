// The limits of DESIGN that belong to no single class. Every queue, body, loop
// and page has one; those of a class stand beside its options.
#pragma once

#include <cstddef>
#include <cstdint>

namespace agentaudit::limits {

// All strings of one event together. `cut_to_limit` makes a longer one fit.
inline constexpr std::size_t event_bytes_max = 1U << 20U;
// One line of JSON Lines, one hook payload.
inline constexpr std::size_t line_bytes_max = 16U << 20U;
// The body of one request, after unzipping.
inline constexpr std::size_t body_bytes_max = 16U << 20U;
// Events in one insert_batch.
inline constexpr std::size_t batch_events_max = 10'000;
// Events in one page.
inline constexpr std::int64_t page_events_default = 50;
inline constexpr std::int64_t page_events_max = 1'000;
// The deepest `offset`; page deeper with a cursor.
inline constexpr std::int64_t page_offset_max = 10'000'000;
// Names in one filter list, and bytes of a search text.
inline constexpr std::size_t filter_names_max = 1'000;
inline constexpr std::size_t search_bytes_max = 4'096;
// Nesting of JSON that is read.
inline constexpr int json_depth_max = 512;
// Values of one JSON text that are kept as a tree: a line of 16 MiB could hold eight
// million, at a hundred bytes each.
inline constexpr std::size_t json_values_max = 250'000;

}  // namespace agentaudit::limits
