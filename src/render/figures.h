// Figures as people read them: counts, durations, sizes, instants.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// `1,234,567`.
[[nodiscard]] std::string count_text(std::int64_t count);

// `1 event`, `1,234 events`.
[[nodiscard]] std::string count_text(std::int64_t count, std::string_view singular,
                                     std::string_view plural);

// `850 ms`, `1.25 s`, `3 m 20 s`, `2 h 05 m`, `12 d 3 h`; a minus in front where it is
// negative.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

// `512 B`, `1.5 KiB`, `20.0 MiB`.
[[nodiscard]] std::string bytes_text(std::int64_t bytes);

// RFC 3339 in UTC with exactly three decimals, cut: `2026-11-24T07:00:01.500Z`.
[[nodiscard]] std::string milliseconds_text(Timestamp timestamp);

// From one instant to a later one, saturating.
[[nodiscard]] std::chrono::milliseconds elapsed(Timestamp from, Timestamp to) noexcept;

}  // namespace agentaudit
