// Comma-separated filter lists, as flags and query parameters give them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agentaudit {

// Splits at commas, trims ASCII white space, drops blanks and repetitions, keeps
// the order in which the values were first seen: " a, b,,a " → {"a", "b"}.
[[nodiscard]] std::vector<std::string> parse_filter_list(std::string_view text);

}  // namespace agentaudit
