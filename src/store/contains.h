// Whether the bytes of a needle occur in a text, ASCII letters in either case, every other
// byte literally. Pure.
#pragma once

#include <string_view>

namespace agentaudit {

// `needle_lower` has its ASCII letters in lower case.
[[nodiscard]] bool contains_ignoring_case(std::string_view text,
                                          std::string_view needle_lower) noexcept;

}  // namespace agentaudit
