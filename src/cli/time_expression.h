// Times as people type them: `2h`, `yesterday`, `2026-11-24`, RFC 3339.
#pragma once

#include <chrono>
#include <string_view>

#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// What a time expression stands for: a day is a span, all else an instant. `--since`
// takes the first instant of it, `--until` the last.
struct TimeSpan {
  Timestamp first;
  Timestamp last;  // inclusive
};

// `now`; a duration before `now` (see parse_duration); `today`, `yesterday` and
// `2026-11-24`, which are days in UTC; RFC 3339. Errors: invalid_argument.
[[nodiscard]] Result<TimeSpan> parse_time_expression(std::string_view text, Timestamp now);

// A whole number and one of the units s, m, h, d, w: `30s`, `15m`, `2h`, `90d`, `1w`.
// Errors: invalid_argument.
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace agentaudit
