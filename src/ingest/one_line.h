// Summaries: one line for people, of what foreign bytes hold.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/json_value.h"

namespace agentaudit {

// A summary is cut to this many bytes, at the end of a code point.
inline constexpr std::size_t summary_bytes_max = 200;

// The text with white space collapsed; an ellipsis where it is cut.
[[nodiscard]] std::string one_line(std::string_view text,
                                   std::size_t bytes_max = summary_bytes_max);

// What tells most about the arguments of a call, an object.
[[nodiscard]] std::string telling_part(const JsonValue& arguments);

}  // namespace agentaudit
